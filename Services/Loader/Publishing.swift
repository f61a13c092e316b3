import Events
import Postgres
import Warehouse

/// Publishes an approved batch: ledger, merge, counts, run and the end of its staging table, in one
/// transaction. Doing it again changes nothing and gives the same answer.
struct Publishing: Sendable {
    let tables: DatasetTables

    /// The staging table is missing, or a crash of the server has emptied it.
    struct StagingLost: Error {}

    /// Publishes a batch, unless that is done.
    ///
    /// - Returns: The run as it is recorded.
    /// - Throws: `StagingLost`; a permanent error, and the target is as it was, when the counts do
    ///   not balance.
    func publish(_ facts: BatchFacts) async throws -> Run {
        let schema = try await tables.schema(of: facts)
        let staging = TableName.staging(facts.pipeline, facts.dataset, batch: facts.batch)
        return try await tables.pool.transaction { connection in
            try await Staging.lock(facts.batch, connection)
            try await SystemSchema.lock(
                connection, "publish:\(facts.pipeline).\(facts.dataset)")
            if let run = try await Runs.run(of: facts.batch, connection),
                run.state == .published || run.state == .refused
            {
                return run
            }
            let ledger = LedgerEntering(facts: facts)
            let entries = try await ledger.enter(connection)
            let outcomes = try await outcomes(of: entries, facts, staging, schema, connection)
            try await ledger.settle(outcomes, connection)
            try await dropRejects(ofOthersThan: entries, facts, connection)
            let run = run(facts, outcomes)
            try await Runs.record(run, connection)
            try await connection.execute("drop table if exists \(staging.sql)")
            return run
        }
    }

    /// Brings the rows of the entered objects into the target and counts what became of each.
    private func outcomes(
        of entries: [LedgerEntering.Entry], _ facts: BatchFacts, _ staging: TableName,
        _ schema: TableSchema, _ connection: PostgresConnection
    ) async throws -> [(entry: LedgerEntering.Entry, counts: Counts)] {
        var fates: [Int: Fate] = [:]
        if facts.processed != nil, !entries.isEmpty {
            fates = try await merge(entries, staging, schema, connection)
        }
        let kept = entries.reduce(0) { $0 + facts.objects[$1.index].counts.kept }
        if kept > 0, fates.values.allSatisfy({ $0.staged == 0 }) { throw StagingLost() }
        return try entries.map { entry in
            let object = facts.objects[entry.index]
            let fate = fates[entry.index] ?? Fate(staged: 0, published: 0)
            var counts = object.counts
            counts.published = fate.published
            counts.superseded += fate.staged - fate.published
            guard counts.isBalanced else { throw imbalance(object, fate) }
            return (entry, counts)
        }
    }

    private func merge(
        _ entries: [LedgerEntering.Entry], _ staging: TableName, _ schema: TableSchema,
        _ connection: PostgresConnection
    ) async throws -> [Int: Fate] {
        do {
            let rows = try await connection.query(
                tables.dialect.publish(staging, into: schema),
                [try LedgerEntering.sources(entries)])
            return try Dictionary(
                uniqueKeysWithValues: rows.map { row in
                    let fate = Fate(
                        staged: try row.integer("staged"),
                        published: try row.integer("published"))
                    return (try row.integer("object"), fate)
                })
        } catch let error as PostgresError where error.sqlState == "42P01" {
            throw StagingLost()
        }
    }

    /// A record that was rejected in two batches of one object is one reject.
    private func dropRejects(
        ofOthersThan entries: [LedgerEntering.Entry], _ facts: BatchFacts,
        _ connection: PostgresConnection
    ) async throws {
        for name in leftOut(entries, facts) {
            try await connection.run(
                "delete from millrace.rejects where batch = $1 and object = $2",
                [facts.batch.description, name])
        }
    }

    private func run(
        _ facts: BatchFacts, _ outcomes: [(entry: LedgerEntering.Entry, counts: Counts)]
    ) -> Run {
        let leftOut = leftOut(outcomes.map(\.entry), facts)
        return Run(
            facts.done(.published), state: .published,
            counts: outcomes.reduce(Counts()) { $0 + $1.counts },
            reasons: leftOut.map { "\($0) had been published before and is left out" })
    }

    private func leftOut(_ entries: [LedgerEntering.Entry], _ facts: BatchFacts) -> [String] {
        let entered = Set(entries.map(\.index))
        return facts.objects.enumerated().filter { !entered.contains($0.offset) }.map(
            \.element.name)
    }

    private func imbalance(_ object: BatchObject, _ fate: Fate) -> HandlingError {
        let counts = object.counts
        return HandlingError(
            .permanent, "loader.imbalance",
            "\(object.name) does not balance: of \(counts.read) records read \(counts.filtered) "
                + "were filtered, \(counts.rejected) rejected and \(counts.superseded) superseded, "
                + "which leaves \(counts.kept), but \(fate.staged) are staged; nothing is published"
        )
    }

    /// What became of one object's staged rows.
    private struct Fate {
        let staged: Int
        let published: Int
    }
}
