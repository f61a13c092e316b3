import Events
import Pipelines
import Postgres

/// Evaluates checks on a table, in read-only transactions with a time limit.
struct CheckRunner: Sendable {
    let pool: PostgresPool
    /// For each statement.
    let timeLimit: Duration

    /// The rows of a table; nil when there is no such table.
    func rows(of target: CheckTarget) async throws -> Int? {
        try await reading { connection in
            let found = try await connection.query(
                "select to_regclass($1) is not null as found", [target.table])
            guard found.first?.boolean("found") == true else { return nil }
            let count = CheckSQL(target: target).scan([])
            return try await connection.query(count.sql).first?.integer("rows")
        }
    }

    /// The results, in the order of `checks`. A check that PostgreSQL refuses has the outcome
    /// `error`.
    ///
    /// - Throws: `PostgresError` when the warehouse is away.
    func run(_ checks: [Check], on target: CheckTarget) async throws -> [CheckResult] {
        let isScanned = checks.filter(\.rule.isAboutSingleRows)
        var results: [String: CheckResult] = [:]
        do {
            let scanned = try await scan(isScanned, target)
            for result in scanned { results[result.name] = result }
        } catch let error as PostgresError where error.isAboutTheStatement {
            // One of them spoils the scan: each for itself tells which.
            for check in isScanned { results[check.name] = try await single(check, target) }
        }
        for check in checks where results[check.name] == nil {
            results[check.name] = try await single(check, target)
        }
        return checks.compactMap { results[$0.name] }
    }

    private func single(_ check: Check, _ target: CheckTarget) async throws -> CheckResult {
        let start = ContinuousClock.now
        do {
            if check.rule.isAboutSingleRows {
                return try await scan([check], target).first
                    ?? .unknown(check, "it gave no result", since: start)
            }
            return try await reading(asReader: check.rule.isWritten) { connection in
                try await own(check, target, connection, since: start)
            }
        } catch let error as PostgresError where error.isAboutTheStatement {
            try Task.checkCancellation()
            return .unknown(check, error.message, since: start)
        }
    }

    private func scan(_ checks: [Check], _ target: CheckTarget) async throws -> [CheckResult] {
        guard !checks.isEmpty else { return [] }
        let start = ContinuousClock.now
        let sql = CheckSQL(target: target)
        return try await reading { connection in
            let scan = sql.scan(checks.map(\.rule))
            guard let row = try await connection.query(scan.sql, scan.parameters).first else {
                return []
            }
            let rows = try row.integer("rows")
            var results: [CheckResult] = []
            for (index, check) in checks.enumerated() {
                let failing = check.rule.failing(
                    ofRows: rows, counted: Int(row["failing_\(index)"] ?? "") ?? 0)
                let samples = try await samples(check, sql, failing, connection)
                results.append(
                    CheckResult(
                        check, failing: failing, rows: rows, samples: samples, since: start))
            }
            return results
        }
    }

    private func own(
        _ check: Check, _ target: CheckTarget, _ connection: PostgresConnection,
        since start: ContinuousClock.Instant
    ) async throws -> CheckResult {
        let sql = CheckSQL(target: target)
        let scan = sql.scan([])
        let count = try sql.count(check.rule)
        let rows = try await connection.query(scan.sql).first?.integer("rows") ?? 0
        let failing =
            try await connection.query(count.sql, count.parameters)
            .first?.integer("failing") ?? 0
        let samples = try await samples(check, sql, failing, connection)
        return CheckResult(check, failing: failing, rows: rows, samples: samples, since: start)
    }

    private func samples(
        _ check: Check, _ sql: CheckSQL, _ failing: Int, _ connection: PostgresConnection
    ) async throws -> String {
        guard failing > 0 else { return "[]" }
        let statement = try sql.samples(check.rule)
        let row = try await connection.query(statement.sql, statement.parameters).first
        return row?["samples"] ?? "[]"
    }

    /// - Parameter asReader: With the rights of people who query, for SQL that was handed in.
    private func reading<Value: Sendable>(
        asReader: Bool = false, _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await pool.transaction { connection in
            let milliseconds = Int(timeLimit / .milliseconds(1))
            try await connection.execute(
                """
                set transaction isolation level repeatable read, read only;
                set local statement_timeout = \(milliseconds);
                \(asReader ? "set local role millrace_reader;" : "")
                """)
            return try await body(connection)
        }
    }
}

extension CheckResult {
    fileprivate init(
        _ check: Check, failing: Int, rows: Int, samples: String,
        since start: ContinuousClock.Instant
    ) {
        self.init(
            name: check.name, severity: check.severity,
            outcome: failing == 0 ? .passed : .failed, failing: failing,
            message: CheckSentence.text(check.rule, failing: failing, rows: rows),
            samples: samples, milliseconds: Self.milliseconds(since: start))
    }

    fileprivate static func unknown(
        _ check: Check, _ reason: String, since start: ContinuousClock.Instant
    ) -> CheckResult {
        CheckResult(
            name: check.name, severity: check.severity, outcome: .error, failing: 0,
            message: "could not be evaluated: \(reason)", samples: "[]",
            milliseconds: milliseconds(since: start))
    }

    private static func milliseconds(since start: ContinuousClock.Instant) -> Int {
        Int((ContinuousClock.now - start) / .milliseconds(1))
    }
}

extension Check.Rule {
    /// True for SQL that somebody wrote.
    fileprivate var isWritten: Bool {
        if case .sql = self { return true }
        return false
    }

    fileprivate func failing(ofRows rows: Int, counted: Int) -> Int {
        guard case .rowCount(let minimum, let maximum) = self else { return counted }
        return rows < minimum ?? 0 || rows > maximum ?? .max ? 1 : 0
    }
}

extension PostgresError {
    /// True where the server could read the statement and refuses it, or it took too long: the same
    /// would happen again.
    fileprivate var isAboutTheStatement: Bool {
        kind == .refused && (disposition == .permanent || sqlState == "57014")
    }
}
