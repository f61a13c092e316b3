import Events
import Postgres
import Warehouse

/// Brings the rejects of a batch into `millrace.rejects`, in place of what was there of it.
struct RejectCopy: Sendable {
    let facts: BatchFacts
    let feed: EngineFeed

    private static let columns = ["object", "line", "column", "reason", "message", "raw"]
    /// What transformers of earlier releases do not write.
    private static let later = ["stage", "value"]

    /// Copies the Parquet file `key`, if there is one. Call it in a transaction.
    func copy(_ key: String?, into connection: PostgresConnection) async throws {
        try await connection.run(
            "delete from millrace.rejects where batch = $1 and stage not in \(Quarantine.stages)",
            [facts.batch.description])
        guard let key else { return }
        try await connection.execute(
            """
            create temporary table incoming_rejects (
                object int, line bigint, "column" text, reason text, message text, raw text,
                stage text, value text
            ) on commit drop
            """)
        _ = try await feed.copy(
            key, columns: Self.columns + Self.later, optional: Self.later, into: connection
        ) { options in "copy incoming_rejects from stdin with (\(options))" }
        try await connection.run(
            """
            insert into millrace.rejects
                (pipeline, dataset, batch, object, line, "column", reason, message, raw, stage,
                    value)
            select $1, $2, $3, $4::jsonb ->> object, line, "column", reason, message, raw,
                coalesce(stage, \(SystemSchema.stageOfReason)), value
            from incoming_rejects order by object, line
            """,
            [facts.pipeline, facts.dataset, facts.batch.description, try names()])
    }

    private func names() throws -> String {
        String(decoding: try EventJSON.encode(facts.objects.map(\.name)), as: UTF8.self)
    }
}
