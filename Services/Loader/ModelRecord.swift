import Events
import Postgres
import Warehouse

/// What the table `millrace.models` knows of a model, seen from one batch.
struct ModelRecord: Sendable {
    /// The batch whose publish was the reason of the last refresh.
    let batch: String
    let revision: String
    let rows: Int
    let milliseconds: Int
    /// The last refresh saw the batch's rows.
    let sawBatch: Bool
    /// The last refresh saw each model that it reads as it is now.
    let sawModels: Bool
    /// Its table is there.
    let isThere: Bool

    /// Reads it; nil when the model has never been refreshed.
    ///
    /// Whether a refresh saw something is asked of its snapshot: no clock can tell.
    static func read(
        _ model: TableName, of pipeline: String, reading models: [String], batch: ULID,
        _ connection: PostgresConnection
    ) async throws -> ModelRecord? {
        let rows = try await connection.query(
            """
            select m.batch, m.revision, m.rows, m.milliseconds,
                coalesce(pg_visible_in_snapshot(r.published_in, m.snapshot), false) as saw_batch,
                not exists (
                    select from millrace.models d
                    where d.pipeline = $1 and $4::jsonb ? d.model
                        and not pg_visible_in_snapshot(d.refreshed_in, m.snapshot)
                ) as saw_models,
                to_regclass($5) is not null as is_there
            from millrace.models m left join millrace.runs r on r.batch = $3
            where m.pipeline = $1 and m.model = $2
            """,
            [
                pipeline, model.name, batch.description,
                String(decoding: try EventJSON.encode(models), as: UTF8.self), model.sql,
            ])
        return try rows.first.map(ModelRecord.init(row:))
    }

    private init(row: PostgresRow) throws {
        batch = try row.text("batch")
        revision = try row.text("revision")
        rows = try row.integer("rows")
        milliseconds = try row.integer("milliseconds")
        sawBatch = row.boolean("saw_batch")
        sawModels = row.boolean("saw_models")
        isThere = row.boolean("is_there")
    }

    /// Writes down a refresh.
    ///
    /// - Parameter snapshot: Of before the refresh: what it shows, the refresh has seen.
    static func write(_ refreshed: ModelRefreshed, _ start: Start, _ connection: PostgresConnection)
        async throws
    {
        try await connection.run(
            """
            insert into millrace.models (pipeline, model, batch, revision, rows, milliseconds,
                began_at, refreshed_at, snapshot, refreshed_in)
            values ($1, $2, $3, $4, $5, $6, $7::timestamptz, clock_timestamp(), $8::pg_snapshot,
                pg_current_xact_id())
            on conflict (pipeline, model) do update set
                batch = excluded.batch, revision = excluded.revision, rows = excluded.rows,
                milliseconds = excluded.milliseconds, began_at = excluded.began_at,
                refreshed_at = excluded.refreshed_at, snapshot = excluded.snapshot,
                refreshed_in = excluded.refreshed_in
            """,
            [
                refreshed.pipeline, refreshed.model, refreshed.batch.description,
                refreshed.revision, "\(refreshed.rows)", "\(refreshed.milliseconds)", start.time,
                start.snapshot,
            ])
    }

    /// When a refresh began, and what could be seen then.
    struct Start: Sendable {
        let time: String
        let snapshot: String

        init(_ connection: PostgresConnection) async throws {
            let rows = try await connection.query(
                "select clock_timestamp() as time, pg_current_snapshot() as snapshot")
            guard let row = rows.first else { throw PostgresError(.shape, "no snapshot") }
            time = try row.text("time")
            snapshot = try row.text("snapshot")
        }
    }
}
