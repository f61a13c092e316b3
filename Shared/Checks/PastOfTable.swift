import Foundation
public import Pipelines
public import Postgres

/// What a measure of each batch was, as far as the batch's rows are still in the table: the past of
/// a check that has none of its own yet.
public struct PastOfTable: Sendable {
    let pool: PostgresPool

    public init(_ pool: PostgresPool) {
        self.pool = pool
    }

    /// Newest first; empty for a table without rows of batches.
    public func values(
        of anomaly: Anomaly, on target: CheckTarget, limit: Int
    ) async throws -> [PastValue] {
        guard let measure = TableScan.measure(anomaly) ?? Self.distinct(anomaly),
            target.pipeline.dataset(target.name) != nil
        else { return [] }
        return try await pool.transaction { connection in
            let found = try await connection.query(
                "select to_regclass($1) is not null as found", [target.table])
            guard found.first?.boolean("found") == true else { return [] }
            let rows = try await connection.query(
                """
                select \(measure) as value, extract(epoch from max(ledger.committed_at)) as at
                from \(target.table) as row_at_hand
                join millrace.ledger on ledger.source_id = row_at_hand."_source_id"
                group by ledger.batch order by 2 desc limit \(limit)
                """)
            return rows.compactMap { row in
                guard let value = row["value"].flatMap(Double.init), value.isFinite,
                    let at = row["at"].flatMap(Double.init)
                else { return nil }
                return PastValue(value, at: Date(timeIntervalSince1970: at))
            }
        }
    }

    private static func distinct(_ anomaly: Anomaly) -> String? {
        anomaly.column.map { "count(distinct row_at_hand.\(quotedIdentifier($0)))" }
    }
}
