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
    /// What was looked at.
    public var scope: Check.Scope?
    /// The batch that was the reason.
    public var batch: ULID?
    public var passed: Bool
    /// `passed`, `failed`, `learning`, `error` where it could not be evaluated, `held` where it
    /// waits.
    public var outcome: String
    /// How many rows break the rule.
    public var failing: Int
    /// What was measured: `failing rows`, `mean(price)`.
    public var measure: String?
    public var value: Double?
    /// What is borne of it.
    public var limits: String?
    /// Rows that were looked at.
    public var rows: Int?
    /// One sentence.
    public var message: String
    /// A JSON list of up to five failing rows.
    public var samples: String
    public var milliseconds: Int
    public var checkedAt: Date

    public init(
        pipeline: String, table: String, check: String, severity: Check.Severity,
        scope: Check.Scope? = nil, batch: ULID? = nil, outcome: String, failing: Int,
        measure: String? = nil, value: Double? = nil, limits: String? = nil, rows: Int? = nil,
        message: String, samples: String = "[]", milliseconds: Int, checkedAt: Date
    ) {
        self.pipeline = pipeline
        self.table = table
        self.check = check
        self.severity = severity
        self.scope = scope
        self.batch = batch
        passed = ["passed", "learning"].contains(outcome)
        self.outcome = outcome
        self.failing = failing
        self.measure = measure
        self.value = value
        self.limits = limits
        self.rows = rows
        self.message = message
        self.samples = samples
        self.milliseconds = milliseconds
        self.checkedAt = checkedAt
    }
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

    /// The last result of each check; those that failed first.
    ///
    /// - Parameters:
    ///   - pipeline: Nil for all.
    ///   - since: Only results from then on.
    public func latest(
        pipeline: String? = nil, table: String? = nil, since: Date? = nil
    ) async throws -> [CheckEntry] {
        try await latest(
            where: """
                ($1::text is null or pipeline = $1) and ($2::text is null or "table" = $2)
                    and ($3::float8 is null or checked_at >= to_timestamp($3::float8))
                """, [pipeline, table, since.map { "\($0.timeIntervalSince1970)" }])
    }

    /// The latest results of each check, oldest first, without their samples.
    ///
    /// - Parameter limit: Of each check.
    public func history(
        pipeline: String? = nil, since: Date? = nil, limit: Int
    ) async throws -> [CheckEntry] {
        let sql = """
            select \(Self.columns), '[]' as samples from (
                select *, row_number() over (
                    partition by pipeline, "table", check_name order by check_id desc) as place
                from millrace.check_results
                where ($1::text is null or pipeline = $1)
                    and ($2::float8 is null or checked_at >= to_timestamp($2::float8))
            ) as numbered
            where place <= \(limit) order by check_id
            """
        return try await pool.query(
            sql, [pipeline, since.map { "\($0.timeIntervalSince1970)" }]
        ).map(CheckEntry.init(row:))
    }

    private static let columns = """
        pipeline, "table", check_name, severity, scope, batch, observed, failing, measure, value,
            limits, rows, message, milliseconds, extract(epoch from checked_at) as checked_at
        """

    private func latest(
        where condition: String, _ parameters: [String?]
    ) async throws -> [CheckEntry] {
        let sql = """
            select * from (
                select distinct on (pipeline, "table", check_name) passed, samples, \(Self.columns)
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
            scope: row["scope"].flatMap(Check.Scope.init(rawValue:)),
            batch: row["batch"].flatMap(ULID.init), outcome: try row.text("observed"),
            failing: try row.integer("failing"), measure: row["measure"],
            value: row["value"].flatMap(Double.init), limits: row["limits"],
            rows: row["rows"].flatMap(Int.init), message: try row.text("message"),
            samples: row["samples"] ?? "[]", milliseconds: try row.integer("milliseconds"),
            checkedAt: try row.date("checked_at"))
    }
}
