public import Events
public import Foundation
public import Postgres

/// The runs that the warehouse knows: the table `millrace.runs`.
public struct Runs: Sendable {
    private let pool: PostgresPool

    public init(_ pool: PostgresPool) {
        self.pool = pool
    }

    /// The newest runs, newest first.
    public func list(
        pipeline: String? = nil, dataset: String? = nil, state: RunState? = nil,
        since: Date? = nil, limit: Int = 20
    ) async throws -> [Run] {
        let sql = """
            select \(Self.columns) from millrace.runs
            where ($1::text is null or pipeline = $1) and ($2::text is null or dataset = $2)
                and ($3::text is null or state = $3)
                and ($4::double precision is null or started_at >= to_timestamp($4))
            order by started_at desc, batch desc limit $5
            """
        let parameters = [
            pipeline, dataset, state?.rawValue, since.map { "\($0.timeIntervalSince1970)" },
            "\(limit)",
        ]
        return try await pool.query(sql, parameters).map(Run.init(row:))
    }

    /// The runs whose id begins with `prefix`, in any case; at most ten.
    public func find(prefix: String) async throws -> [Run] {
        let sql = """
            select \(Self.columns) from millrace.runs
            where starts_with(batch, upper($1)) order by batch desc limit 10
            """
        return try await pool.query(sql, [prefix]).map(Run.init(row:))
    }

    /// The newest replay of a batch; nil when it was never run again.
    public func replay(of batch: ULID) async throws -> Run? {
        let sql = """
            select \(Self.columns) from millrace.runs
            where replay_of = $1 order by batch desc limit 1
            """
        return try await pool.query(sql, [batch.description]).first.map(Run.init(row:))
    }

    /// The run of a batch, if the warehouse knows it.
    public func run(of batch: ULID) async throws -> Run? {
        try await pool.with { try await Self.run(of: batch, $0) }
    }

    /// The run of a batch, as a transaction sees it.
    public static func run(of batch: ULID, _ connection: PostgresConnection) async throws -> Run? {
        let sql = "select \(columns) from millrace.runs where batch = $1"
        return try await connection.query(sql, [batch.description]).first.map(Run.init(row:))
    }

    /// Writes a run, over what was known of it. A run that is published stays so.
    public static func record(_ run: Run, _ connection: PostgresConnection) async throws {
        let sql = """
            insert into millrace.runs (batch, pipeline, dataset, revision, state, objects, read,
                published, superseded, filtered, rejected, times, reasons, processed, started_at,
                replay_of, published_in)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb,
                array(select jsonb_array_elements_text($13::jsonb)), $14,
                to_timestamp($15::double precision), $16,
                case when $5 = 'published' then pg_current_xact_id() end)
            on conflict (batch) do update set
                revision = excluded.revision, state = excluded.state, objects = excluded.objects,
                read = excluded.read, published = excluded.published,
                superseded = excluded.superseded, filtered = excluded.filtered,
                rejected = excluded.rejected, times = excluded.times, reasons = excluded.reasons,
                processed = excluded.processed, started_at = excluded.started_at,
                published_in = excluded.published_in, updated_at = now()
            where runs.state <> 'published'
            """
        try await connection.run(sql, try parameters(run))
    }

    /// Writes down that a service gave up on a batch, unless the batch has come to its end. When
    /// its event is sent through again and handled, the run goes on from there.
    public static func fail(
        _ facts: BatchFacts, because reason: String, _ connection: PostgresConnection
    ) async throws {
        if let run = try await run(of: facts.batch, connection),
            run.state == .published || run.state == .refused
        {
            return
        }
        let run = Run(facts, state: .failed, counts: facts.counts, reasons: [reason])
        try await record(run, connection)
    }

    private static func parameters(_ run: Run) throws -> [String?] {
        let counts = run.counts
        let numbers = [
            run.objects, counts.read, counts.published, counts.superseded, counts.filtered,
            counts.rejected,
        ]
        let head = [run.batch.description, run.pipeline, run.dataset, run.revision]
        return head + [run.state.rawValue] + numbers.map { "\($0)" } + [
            try json(run.times), try json(run.reasons), run.processed,
            "\(run.startedAt.timeIntervalSince1970)", run.replayOf?.description,
        ]
    }

    private static let columns = """
        batch, pipeline, dataset, revision, state, objects, read, published, superseded, filtered,
        rejected, times, to_json(reasons) as reasons, processed,
        extract(epoch from started_at) as started_at, extract(epoch from updated_at) as updated_at,
        replay_of
        """
}

extension Run {
    init(row: PostgresRow) throws {
        guard let batch = ULID(try row.text("batch")),
            let state = RunState(rawValue: try row.text("state"))
        else { throw PostgresError(.shape, "millrace.runs holds a run of an unknown form") }
        self.init(
            batch: batch, pipeline: try row.text("pipeline"), dataset: try row.text("dataset"),
            revision: try row.text("revision"), state: state,
            objects: try row.integer("objects"), counts: try Counts(row: row),
            times: try decoded(StepTimes.self, row.text("times")),
            reasons: try decoded([String].self, row.text("reasons")), processed: row["processed"],
            startedAt: try row.date("started_at"), updatedAt: try row.date("updated_at"),
            replayOf: row["replay_of"].flatMap { ULID($0) })
    }
}
