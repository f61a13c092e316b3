import Events
import Postgres
import Warehouse

/// Brings a batch's counts and its staging table together.
struct StagedCounts: Sendable {
    private let facts: BatchFacts
    private let table: TableName

    init(_ facts: BatchFacts, _ table: TableName) {
        self.facts = facts
        self.table = table
    }

    /// - Throws: A permanent error when the Parquet does not have the rows that the counts tell of.
    ///
    /// - Parameter known: Rows that an earlier staging has set aside; the counts may say so.
    func check(_ rows: Int, known: Int) throws(HandlingError) {
        guard rows != facts.counts.kept, rows != facts.counts.kept + known else { return }
        throw mismatch("it has \(rows) rows in its Parquet", facts.counts)
    }

    /// The facts with the rows that the warehouse has refused, or a check has set aside, counted as
    /// rejected.
    ///
    /// An event that was said after an earlier staging counts them so already: whether it does is
    /// seen from what is staged.
    func settle(_ connection: PostgresConnection) async throws -> BatchFacts {
        let refused = try await refused(connection)
        if refused.isEmpty { return facts }
        let staged = try await staged(connection)
        var settled = facts
        for (index, object) in facts.objects.enumerated() {
            guard let count = refused[object.name] else { continue }
            let rows = staged[index] ?? 0
            if rows == object.counts.kept { continue }
            guard rows + count == object.counts.kept else {
                throw mismatch(
                    "\(object.name) has \(rows) rows in its Parquet and \(count) that the "
                        + "warehouse refuses or a check sets aside", object.counts)
            }
            settled.objects[index].counts.rejected += count
        }
        return settled
    }

    private func refused(_ connection: PostgresConnection) async throws -> [String: Int] {
        let rows = try await connection.query(
            """
            select object, count(*) as rows from millrace.rejects
            where batch = $1 and (stage = 'load' or stage in \(Quarantine.stages))
            group by object
            """, [facts.batch.description])
        return try Dictionary(
            uniqueKeysWithValues: rows.map { (try $0.text("object"), try $0.integer("rows")) })
    }

    private func staged(_ connection: PostgresConnection) async throws -> [Int: Int] {
        let object = quotedIdentifier(TableSchema.objectColumn)
        let rows = try await connection.query(
            "select \(object) as object, count(*) as rows from \(table.sql) group by \(object)")
        return try Dictionary(
            uniqueKeysWithValues: rows.map { (try $0.integer("object"), try $0.integer("rows")) })
    }

    private func mismatch(_ found: String, _ counts: Counts) -> HandlingError {
        HandlingError(
            .permanent, "loader.count_mismatch",
            "batch \(facts.batch): \(found), its counts say \(counts.kept)")
    }
}
