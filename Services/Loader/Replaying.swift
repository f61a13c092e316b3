import Events
import Pipelines
import Postgres
import Warehouse

/// What a replay changes of a publish: what its objects gave in the runs that it replaces leaves
/// the table, the ledger and the rejects, and what they give now takes its place.
///
/// An object that somebody else has published in the meantime is left alone: the ledger has it, and
/// it stays out of the publish like any other. Call it in the publish transaction.
struct Replaying: Sendable {
    let facts: BatchFacts
    let schema: TableSchema

    /// Makes room for the batch's objects. Does nothing for a batch that is no replay.
    func takeBack(_ connection: PostgresConnection) async throws {
        guard let replay = facts.replay else { return }
        guard schema.load.isReplayable else {
            throw HandlingError(
                .permanent, "replay.mode",
                "\(schema.table) is loaded by `\(schema.load.mode.rawValue)`, which cannot be "
                    + "replayed; hand the file over again")
        }
        let objects = try text(of: facts.objects.map(\.name))
        try await checkRecords(objects, connection)
        let chain = try text(of: replay.chain)
        let entries =
            "source_id, pipeline, dataset, object, batch, revision, name, bytes, "
            + "sha256, read, published, superseded, filtered, rejected, committed_at, first_id"
        let taken = try await connection.query(
            """
            with taken as (
                delete from millrace.ledger where pipeline = $1 and dataset = $2
                    and object in (select jsonb_array_elements_text($3::jsonb))
                    and batch in (select jsonb_array_elements_text($4::jsonb))
                returning \(entries)
            )
            insert into millrace.replaced (\(entries), replaced_by)
            select \(entries), $5 from taken returning source_id
            """, [facts.pipeline, facts.dataset, objects, chain, facts.batch.description])
        try await removeRows(of: taken.map { try $0.integer("source_id") }, connection)
        try await connection.run(
            """
            delete from millrace.rejects where pipeline = $1 and dataset = $2
                and object in (select jsonb_array_elements_text($3::jsonb))
                and batch in (select jsonb_array_elements_text($4::jsonb))
            """, [facts.pipeline, facts.dataset, objects, chain])
    }

    /// Rejected records that went the way again in objects of their own would come twice.
    private func checkRecords(_ objects: String, _ connection: PostgresConnection) async throws {
        let again = try await connection.query(
            """
            select root from millrace.replays where pipeline = $1 and dataset = $2
                and root in (select jsonb_array_elements_text($3::jsonb)) limit 1
            """, [facts.pipeline, facts.dataset, objects])
        guard let row = again.first else { return }
        throw HandlingError(
            .permanent, "replay.records",
            "rejects of \(try row.text("root")) were replayed by themselves; a replay of the whole "
                + "batch would bring those records twice")
    }

    /// Says of the new entries when their objects came first. Call it behind their entering.
    func link(_ connection: PostgresConnection) async throws {
        guard facts.replay != nil else { return }
        try await connection.run(
            """
            update millrace.ledger as new set first_id = coalesce(old.first_id, old.source_id)
            from millrace.replaced as old
            where old.replaced_by = $1 and new.batch = $1 and new.pipeline = old.pipeline
                and new.dataset = old.dataset and new.object = old.object
            """, [facts.batch.description])
    }

    /// From the table, from those of its children, and from the one of deleted keys. The first
    /// batch may have had nothing but rejects: then there is no table yet.
    private func removeRows(of sources: [Int], _ connection: PostgresConnection) async throws {
        if sources.isEmpty { return }
        let children = schema.children.map(\.schema.table)
        for table in [schema.table, schema.companion].compactMap(\.self) + children {
            let isThere = try await connection.query(
                "select to_regclass($1) is not null as there", [table.sql])
            guard isThere.first?.boolean("there") == true else { continue }
            try await connection.run(
                """
                delete from \(table.sql) where \(quotedIdentifier(TableSchema.sourceColumn)) in
                    (select value::bigint from jsonb_array_elements_text($1::jsonb))
                """, [try text(of: sources)])
        }
    }

    private func text(of value: some Encodable) throws -> String {
        String(decoding: try EventJSON.encode(value), as: UTF8.self)
    }
}
