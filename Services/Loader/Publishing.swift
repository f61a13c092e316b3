import Events
import Pipelines
import Postgres
import Warehouse

/// Publishes an approved batch: ledger, merge, counts, run and the end of its staging table, in one
/// transaction. Doing it again changes nothing and gives the same answer.
struct Publishing: Sendable {
    let tables: DatasetTables
    /// The most rows of a batch that the warehouse may refuse.
    let refusedRowsLimit: Int

    /// The staging table is missing, or a crash of the server has emptied it.
    struct StagingLost: Error {}

    /// Publishes a batch, unless that is done. Rows that a rule of the target table refuses become
    /// rejects.
    ///
    /// - Returns: The run as it is recorded.
    /// - Throws: `StagingLost`; a permanent error, and the target is as it was, when the counts do
    ///   not balance.
    func publish(_ facts: BatchFacts) async throws -> Run {
        let schema = try await tables.schema(of: facts)
        do {
            return try await publish(facts, schema, isIsolating: false)
        } catch let error as PostgresError where error.isOfRow {
            return try await publishIsolating(facts, schema)
        }
    }

    private func publishIsolating(_ facts: BatchFacts, _ schema: TableSchema) async throws -> Run {
        do {
            return try await publish(facts, schema, isIsolating: true)
        } catch let refusal as Refusal {
            return try await tables.pool.transaction(retries: TransactionRetries()) {
                try await Staging.lock(facts.batch, $0)
                return try await refusal.record($0)
            }
        }
    }

    private func publish(
        _ facts: BatchFacts, _ schema: TableSchema, isIsolating: Bool
    ) async throws -> Run {
        let staging = TableName.staging(facts.pipeline, facts.dataset, batch: facts.batch)
        return try await tables.pool.transaction(retries: TransactionRetries()) { connection in
            try await Staging.lock(facts.batch, connection)
            try await SystemSchema.lock(
                connection, "publish:\(facts.pipeline).\(facts.dataset)")
            if let run = try await Runs.run(of: facts.batch, connection),
                run.state == .published || run.state == .refused
            {
                return run
            }
            let dataset = try await tables.dataset(of: facts)
            if let refusal = try await Refusal.find(in: facts, dataset, connection) {
                return try await refusal.record(connection)
            }
            let ledger = LedgerEntering(facts: facts)
            let replaying = Replaying(facts: facts, schema: schema)
            try await replaying.takeBack(connection)
            let entries = try await ledger.enter(connection)
            try await replaying.link(connection)
            var merge = Merge(
                staging: staging, schema: schema, dialect: tables.dialect,
                extract: try await Extract.newest(of: entries, facts, schema.load, connection),
                refused: RefusedRows(of: facts, limit: refusedRowsLimit))
            if !entries.isEmpty {
                if facts.processed != nil {
                    merge.schema = try await tables.agree(staging, schema, for: facts, connection)
                }
                try await merge.run(
                    entries, hasRows: facts.processed != nil, isIsolating: isIsolating, connection)
            }
            let outcomes = try outcomes(of: entries, facts, merge.fates)
            try await ledger.settle(outcomes, connection)
            try await dropRejects(ofOthersThan: entries, facts, connection)
            try await merge.refused.write(connection)
            try await ChildCounts(facts: facts, schema: schema)
                .write(of: entries, merge.childFates, connection)
            try await check(merge, facts, dataset, connection)
            let run = run(facts, outcomes)
            try await Runs.record(run, connection)
            try await connection.execute("drop table if exists \(staging.sql)")
            return run
        }
    }

    /// Counts what became of each entered object's rows.
    private func outcomes(
        of entries: [LedgerEntering.Entry], _ facts: BatchFacts, _ fates: [Int: Merge.Fate]
    ) throws -> [(entry: LedgerEntering.Entry, counts: Counts)] {
        let kept = entries.reduce(0) { $0 + facts.objects[$1.index].counts.kept }
        if kept > 0, fates.values.allSatisfy({ $0.staged + $0.refused == 0 }) {
            throw StagingLost()
        }
        return try entries.map { entry in
            let object = facts.objects[entry.index]
            let fate = fates[entry.index] ?? Merge.Fate()
            var counts = object.counts
            counts.published = fate.published
            counts.superseded += fate.staged - fate.published
            counts.rejected += fate.refused
            guard counts.isBalanced else { throw imbalance(object, fate) }
            return (entry, counts)
        }
    }

    /// Rows that the target has refused may be too many, or all.
    private func check(
        _ merge: Merge, _ facts: BatchFacts, _ dataset: Dataset, _ connection: PostgresConnection
    ) async throws {
        if merge.refused.rows.isEmpty { return }
        var facts = facts
        for (index, count) in merge.refused.counts { facts.objects[index].counts.rejected += count }
        if let refusal = try await Refusal.find(in: facts, dataset, connection) { throw refusal }
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
            reasons: leftOut.map { "\($0) had been published before and is left out" }
                + facts.objects.flatMap { object in
                    (object.notes ?? []).map { "\(object.name.dropFirst(27)): \($0)" }
                })
    }

    private func leftOut(_ entries: [LedgerEntering.Entry], _ facts: BatchFacts) -> [String] {
        let entered = Set(entries.map(\.index))
        return facts.objects.enumerated().filter { !entered.contains($0.offset) }.map(
            \.element.name)
    }

    private func imbalance(_ object: BatchObject, _ fate: Merge.Fate) -> HandlingError {
        let counts = object.counts
        return HandlingError(
            .permanent, "loader.imbalance",
            "\(object.name) does not balance: of \(counts.read) records read \(counts.filtered) "
                + "were filtered, \(counts.rejected) rejected and \(counts.superseded) superseded, "
                + "which leaves \(counts.kept), but \(fate.staged + fate.refused) are staged; "
                + "nothing is published"
        )
    }
}
