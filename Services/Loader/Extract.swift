import Events
import Pipelines
import Postgres

/// The object that a table is replaced by. Use it in the transaction that replaces the table.
struct Extract: Sendable {
    /// Its place in the batch.
    let index: Int
    let hasRows: Bool

    /// The newest extract among the objects that take part, unless the table has a newer one.
    static func newest(
        of entries: [LedgerEntering.Entry], _ facts: BatchFacts, _ load: Load,
        _ connection: PostgresConnection
    ) async throws -> Extract? {
        guard load.mode == .replace else { return nil }
        let extracts = entries.map(\.index).filter { facts.objects[$0].isExtract(for: load) }
        guard let index = extracts.max(by: { facts.objects[$0].name < facts.objects[$1].name })
        else { return nil }
        let taken = try await connection.query(
            """
            insert into millrace.extracts as present (pipeline, dataset, object)
            values ($1, $2, $3)
            on conflict (pipeline, dataset) do update set object = excluded.object
            where present.object < excluded.object
            returning true
            """, [facts.pipeline, facts.dataset, facts.objects[index].name])
        if taken.isEmpty { return nil }
        return Extract(index: index, hasRows: facts.objects[index].counts.kept > 0)
    }
}

extension BatchObject {
    /// True when a table may be replaced by it. A file that could not be read says nothing about
    /// what there is; nor does one without rows, unless the pipeline says so.
    func isExtract(for load: Load) -> Bool {
        counts.kept > 0 || (!load.isNeverEmpty && refusal == nil)
    }
}
