import Events
import Foundation
import Pipelines
import Postgres
import Warehouse

/// Brings a transformed batch into a staging table of its own, and its rejects to the others.
///
/// It is one transaction: a staging table that is there is whole.
struct Staging: Sendable {
    let tables: DatasetTables
    let feed: EngineFeed
    /// The most rows of a batch that the warehouse may refuse.
    let refusedRowsLimit: Int

    /// What became of a batch that was to be staged.
    enum Outcome: Sendable {
        /// It is in its staging table, since `times[.staged]`.
        case staged(BatchFacts, TableName)
        /// It has no rows: there is nothing to check.
        case empty(BatchFacts)
        /// It was published, or refused, before or now.
        case over(Run)
    }

    /// Stages a batch, unless that is done. Rows that the warehouse refuses become rejects; the
    /// facts of the outcome count them so.
    ///
    /// - Parameter again: Stage it anew even if the run says that it is staged: a crash of the
    ///   server empties unlogged tables.
    func stage(_ facts: BatchFacts, again: Bool = false) async throws -> Outcome {
        let schema = try await tables.schema(of: facts)
        try await tables.prepare(schema, for: SchemaCause(facts))
        try await tables.prepareReferences(of: facts)
        do {
            return try await stage(facts, schema, again: again, isIsolating: false)
        } catch let error as PostgresError where error.isOfRow {
            return try await stage(facts, schema, again: again, isIsolating: true)
        }
    }

    /// Whoever fills, publishes or drops a batch's staging table does it alone: an event that comes
    /// twice must not find the table half gone, nor make it again behind the publish.
    static func lock(_ batch: ULID, _ connection: PostgresConnection) async throws {
        try await SystemSchema.lock(connection, lockName(batch))
    }

    /// The name of that lock.
    static func lockName(_ batch: ULID) -> String { "batch:\(batch)" }

    private func stage(
        _ facts: BatchFacts, _ schema: TableSchema, again: Bool, isIsolating: Bool
    ) async throws -> Outcome {
        let table = TableName.staging(facts.pipeline, facts.dataset, batch: facts.batch)
        return try await tables.pool.transaction(retries: TransactionRetries()) { connection in
            try await Self.lock(facts.batch, connection)
            if let run = try await Runs.run(of: facts.batch, connection) {
                if run.state == .published || run.state == .refused { return .over(run) }
                if !again, run.state == .staged, try await hasRows(table, connection) {
                    let settled = try await StagedCounts(facts, table).settle(connection)
                    return .staged(settled.done(.staged, at: run.times[.staged]), table)
                }
            }
            try await RejectCopy(facts: facts, feed: feed).copy(facts.rejects, into: connection)
            let dataset = try await tables.dataset(of: facts)
            if let refusal = try await Refusal.find(in: facts, dataset, connection) {
                return .over(try await refusal.record(connection))
            }
            guard let processed = facts.processed else { return .empty(facts) }
            try await connection.execute("drop table if exists \(table.sql)")
            try await connection.execute(tables.dialect.createStaging(table, for: schema))
            let known = try await Quarantine.known(facts.batch, connection)
            try await copy(processed, facts, schema, table, isIsolating, known, connection)
            try await tables.agree(table, schema, for: facts, connection)
            let pipeline = try await tables.pipeline(of: facts)
            try await Quarantine(
                facts: facts, staging: table, pipeline: pipeline, dataset: dataset
            ).run(known: known, connection)
            let settled = try await StagedCounts(facts, table).settle(connection).done(.staged)
            if let refusal = try await Refusal.find(in: settled, dataset, connection) {
                return .over(try await refusal.record(connection))
            }
            try await Runs.record(Run(settled, state: .staged, counts: settled.counts), connection)
            return .staged(settled, table)
        }
    }

    private func copy(
        _ key: String, _ facts: BatchFacts, _ schema: TableSchema, _ table: TableName,
        _ isIsolating: Bool, _ known: Int, _ connection: PostgresConnection
    ) async throws {
        let columns =
            schema.columns.map(\.name) + schema.children.map(\.holder)
            + [TableSchema.lineColumn, TableSchema.objectColumn]
        guard isIsolating else {
            let rows = try await feed.copy(
                key, columns: columns, lists: schema.lists, into: connection
            ) { options in
                tables.dialect.copy(into: table, for: schema, options: options)
            }
            return try StagedCounts(facts, table).check(rows, known: known)
        }
        let none = RefusedRows(of: facts, limit: refusedRowsLimit)
        let refused = try await feed.copyIsolating(
            key, columns: columns, lists: schema.lists, of: none, into: connection
        ) { options in tables.dialect.copy(into: table, for: schema, options: options) }
        try await refused.write(connection)
    }

    private func hasRows(_ table: TableName, _ connection: PostgresConnection) async throws -> Bool
    {
        let found = try await connection.query(
            "select to_regclass($1) is not null as there", [table.sql])
        guard found.first?.boolean("there") == true else { return false }
        return try await !connection.query("select from \(table.sql) limit 1").isEmpty
    }
}

extension BatchFacts {
    /// The same facts with one more step behind them.
    func done(_ step: Step, at time: Date? = nil) -> BatchFacts {
        var facts = self
        facts.times[step] = time ?? Date()
        return facts
    }
}
