public import Events
import Foundation
public import Pipelines
public import Postgres

/// Evaluates checks on a table, in read-only transactions with a time limit.
public struct CheckRunner: Sendable {
    let pool: PostgresPool
    /// For each statement.
    let timeLimit: Duration
    let history: CheckHistory

    /// Statements of one table's checks that run at a time: who scans the same table at the same
    /// time reads it once.
    private static let width = 2

    public init(pool: PostgresPool, timeLimit: Duration) {
        self.pool = pool
        self.timeLimit = timeLimit
        history = CheckHistory(pool: pool)
    }

    /// What was found in one table.
    public struct Findings: Sendable {
        /// Nil when there is no such table, and then every result is an error.
        public var rows: Int?
        /// In the order of the checks.
        public var results: [CheckResult]
    }

    /// The rows of a table; nil when there is no such table.
    public func rows(of target: CheckTarget) async throws -> Int? {
        try await reading { connection in
            let found = try await connection.query(
                "select to_regclass($1) is not null as found", [target.table])
            guard found.first?.boolean("found") == true else { return nil }
            let count = TableScan(target).statement
            return try await connection.query(count.sql).first?.integer("rows")
        }
    }

    /// Runs the checks. One that PostgreSQL refuses has the outcome `error`.
    ///
    /// - Parameter batch: The batch at hand, which is not part of its own history.
    /// - Throws: `PostgresError` when the warehouse is away.
    public func run(
        _ checks: [Check], on target: CheckTarget, batch: ULID? = nil
    ) async throws -> Findings {
        let start = ContinuousClock.now
        let past = try await past(of: checks, target, batch)
        var scan = TableScan(target)
        var measured: [Int: Measured] = [:]
        var alone: [Int] = []
        for (index, check) in checks.enumerated() {
            if !scan.add(check.rule, index) { alone.append(index) }
        }
        let scanned = checks.indices.filter { !alone.contains($0) }
        var rows: Int?
        do {
            guard let answer = try await self.answer(scan, target) else {
                return Findings(rows: nil, results: checks.map { .missing($0, target) })
            }
            rows = try answer.integer("rows")
            let milliseconds = Self.milliseconds(since: start)
            for index in scanned {
                measured[index] = .value(Self.value(answer, index), milliseconds)
            }
        } catch let error as PostgresError where error.isAboutTheStatement {
            try Task.checkCancellation()
            // One of them spoils the scan: each for itself tells which.
            alone = Array(checks.indices)
            rows = try await countRows(target)
        }
        let found = rows ?? 0
        for (index, value) in try await eachAlone(alone, checks, target) {
            measured[index] = value
        }
        var results: [CheckResult] = []
        for (index, check) in checks.enumerated() {
            let judgement = CheckJudgement(
                check: check, target: target, rows: found, value: measured[index]?.value.own,
                other: measured[index]?.value.other, past: past[check.name] ?? [])
            results.append(try await result(judgement, measured[index]))
        }
        return Findings(rows: found, results: results)
    }

    /// What the warehouse says to one check.
    private enum Measured: Sendable {
        case value((own: Double?, other: Double?), Int)
        case error(String, Int)

        var value: (own: Double?, other: Double?) {
            if case .value(let value, _) = self { return value }
            return (nil, nil)
        }
    }

    /// The rows alone, where the scan cannot be had; nil where they cannot be counted either.
    private func countRows(_ target: CheckTarget) async throws -> Int? {
        do {
            return try await rows(of: target)
        } catch let error as PostgresError where error.isAboutTheStatement {
            return nil
        }
    }

    private func answer(_ scan: TableScan, _ target: CheckTarget) async throws -> PostgresRow? {
        try await reading { connection in
            let found = try await connection.query(
                "select to_regclass($1) is not null as found", [target.table])
            guard found.first?.boolean("found") == true else { return nil }
            let statement = scan.statement
            return try await connection.query(statement.sql, statement.parameters).first
        }
    }

    private func eachAlone(
        _ indices: [Int], _ checks: [Check], _ target: CheckTarget
    ) async throws -> [Int: Measured] {
        return try await withThrowingTaskGroup(of: (Int, Measured).self) { group in
            var waiting = indices[...]
            var found: [Int: Measured] = [:]
            func startNext() {
                guard let index = waiting.popFirst() else { return }
                group.addTask { (index, try await alone(checks[index], target)) }
            }
            for _ in 0..<Self.width { startNext() }
            while let (index, measured) = try await group.next() {
                found[index] = measured
                startNext()
            }
            return found
        }
    }

    private func alone(_ check: Check, _ target: CheckTarget) async throws -> Measured {
        let start = ContinuousClock.now
        do {
            return try await reading(asReader: check.rule.isWritten) { connection in
                var scan = TableScan(target)
                let sql = CheckSQL(target: target)
                if scan.add(check.rule, 0), !check.rule.isReference {
                    let statement = scan.statement
                    let row = try await connection.query(statement.sql, statement.parameters).first
                    return .value(
                        row.map { Self.value($0, 0) } ?? (nil, nil),
                        Self.milliseconds(since: start))
                }
                let statement = try sql.count(check.rule)
                let row = try await connection.query(statement.sql, statement.parameters).first
                return .value(
                    (row?["failing"].flatMap(Double.init), nil), Self.milliseconds(since: start))
            }
        } catch let error as PostgresError where error.isAboutTheStatement {
            try Task.checkCancellation()
            return .error(error.message, Self.milliseconds(since: start))
        }
    }

    private func result(
        _ judgement: CheckJudgement, _ measured: Measured?
    ) async throws -> CheckResult {
        let check = judgement.check
        switch measured {
        case .error(let reason, let milliseconds):
            return .unknown(check, reason, milliseconds)
        case nil:
            return .unknown(check, "it gave no result", 0)
        case .value(_, let milliseconds):
            let start = ContinuousClock.now
            let verdict = judgement.verdict
            let samples: String
            do {
                samples = verdict.failing > 0 ? try await self.samples(judgement) : "[]"
            } catch let error as PostgresError where error.isAboutTheStatement {
                // What counts rows need not look at what is in them.
                try Task.checkCancellation()
                return .unknown(check, error.message, milliseconds)
            }
            return CheckResult(
                name: check.name, severity: verdict.severity, outcome: verdict.outcome,
                failing: verdict.failing, message: verdict.message, samples: samples,
                milliseconds: milliseconds + Self.milliseconds(since: start),
                measurement: verdict.value.map {
                    CheckResult.Measurement(
                        name: verdict.measure, value: $0, limits: check.limits?.text,
                        rows: judgement.rows)
                })
        }
    }

    private func samples(_ judgement: CheckJudgement) async throws -> String {
        let rule = judgement.check.rule
        guard let statement = try CheckSQL(target: judgement.target).samples(rule) else {
            return "[]"
        }
        return try await reading(asReader: rule.isWritten) { connection in
            let row = try await connection.query(statement.sql, statement.parameters).first
            return row?["samples"] ?? "[]"
        }
    }

    private func past(
        of checks: [Check], _ target: CheckTarget, _ batch: ULID?
    ) async throws -> [String: [PastValue]] {
        var past: [String: [PastValue]] = [:]
        for check in checks {
            past[check.name] = try await history.past(of: check, on: target, before: batch)
        }
        return past
    }

    private static func value(_ row: PostgresRow, _ index: Int) -> (own: Double?, other: Double?) {
        func number(_ name: String) -> Double? {
            row["\(name)_\(index)"].flatMap(Double.init).flatMap { $0.isFinite ? $0 : nil }
        }
        return (number("value"), number("other"))
    }

    private static func milliseconds(since start: ContinuousClock.Instant) -> Int {
        Int((ContinuousClock.now - start) / .milliseconds(1))
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
                set local work_mem = '64MB';
                \(asReader ? "set local role millrace_reader;" : "")
                """)
            return try await body(connection)
        }
    }
}

extension Check.Rule {
    /// True for SQL that somebody wrote.
    fileprivate var isWritten: Bool {
        if case .sql = self { return true }
        return false
    }

    fileprivate var isReference: Bool {
        if case .reference = self { return true }
        return false
    }
}

extension CheckResult {
    fileprivate static func missing(_ check: Check, _ target: CheckTarget) -> CheckResult {
        unknown(check, "there is no table \(target.title) yet", 0)
    }

    fileprivate static func unknown(
        _ check: Check, _ reason: String, _ milliseconds: Int
    ) -> CheckResult {
        CheckResult(
            name: check.name, severity: check.severity, outcome: .error, failing: 0,
            message: "could not be evaluated: \(reason)", milliseconds: milliseconds)
    }
}

extension PostgresError {
    /// True where the server could read the statement and refuses it, or it took too long: the same
    /// would happen again.
    fileprivate var isAboutTheStatement: Bool {
        kind == .refused && (disposition == .permanent || sqlState == "57014")
    }
}
