public import Events
public import Foundation
public import Pipelines
public import Postgres

/// What a check found, once.
public struct CheckEntry: Codable, Sendable, Equatable {
    public var pipeline: String
    /// The dataset or model that was looked at.
    public var table: String
    /// The check's name in its table.
    public var check: String
    public var severity: Check.Severity
    /// The batch that was the reason.
    public var batch: ULID?
    public var passed: Bool
    /// `passed`, `failed`, `error` where it could not be evaluated, `held` where it waits.
    public var outcome: String
    /// How many rows break the rule.
    public var failing: Int
    /// One sentence.
    public var message: String
    public var milliseconds: Int
    public var checkedAt: Date
}

/// The history of checks: the table `millrace.check_results`.
public struct CheckResults: Sendable {
    private let pool: PostgresPool

    public init(_ pool: PostgresPool) {
        self.pool = pool
    }

    /// The last result of each check that a batch was the reason for; those that failed first.
    public func of(batch: ULID) async throws -> [CheckEntry] {
        try await latest(where: "batch = $1", [batch.description])
    }

    /// The last result of each check of a pipeline's tables; those that failed first.
    public func latest(pipeline: String) async throws -> [CheckEntry] {
        try await latest(where: "pipeline = $1", [pipeline])
    }

    private func latest(
        where condition: String, _ parameters: [String?]
    ) async throws -> [CheckEntry] {
        let sql = """
            select * from (
                select distinct on (pipeline, "table", check_name)
                    pipeline, "table", check_name, severity, batch, passed, observed, failing,
                    message, milliseconds, extract(epoch from checked_at) as checked_at
                from millrace.check_results where \(condition)
                order by pipeline, "table", check_name, check_results.checked_at desc
            ) as latest
            order by passed, severity, "table", check_name
            """
        return try await pool.query(sql, parameters).map(CheckEntry.init(row:))
    }
}

extension CheckEntry {
    fileprivate init(row: PostgresRow) throws {
        guard let severity = Check.Severity(rawValue: try row.text("severity")) else {
            throw PostgresError(.shape, "millrace.check_results holds an unknown severity")
        }
        self.init(
            pipeline: try row.text("pipeline"), table: try row.text("table"),
            check: try row.text("check_name"), severity: severity,
            batch: row["batch"].flatMap(ULID.init), passed: row.boolean("passed"),
            outcome: row["observed"] ?? (row.boolean("passed") ? "passed" : "failed"),
            failing: try row.integer("failing"), message: try row.text("message"),
            milliseconds: try row.integer("milliseconds"), checkedAt: try row.date("checked_at"))
    }
}
