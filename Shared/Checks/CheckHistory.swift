public import Events
import Foundation
public import Pipelines
public import Postgres

/// The results of checks over time: the table `millrace.check_results`.
public struct CheckHistory: Sendable {
    let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Keeps results. Of those of a batch that is delivered again only the last are kept.
    ///
    /// - Parameter batch: The reason to look; nil for somebody's wish, or the clock.
    public func record(
        _ results: [CheckResult], of target: CheckTarget, batch: ULID?
    ) async throws {
        try await pool.transaction { connection in
            try await record(results, of: target, batch: batch, connection)
        }
    }

    /// Keeps results with what else a transaction does.
    public func record(
        _ results: [CheckResult], of target: CheckTarget, batch: ULID? = nil,
        _ connection: PostgresConnection
    ) async throws {
        let sql = """
            insert into millrace.check_results as kept (pipeline, "table", check_name, severity,
                batch, passed, failing, observed, message, samples, milliseconds, scope, measure,
                value, limits, rows)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11, $12, $13, $14, $15, $16)
            on conflict (pipeline, "table", check_name, batch) do update set
                severity = excluded.severity, passed = excluded.passed,
                failing = excluded.failing, observed = excluded.observed,
                message = excluded.message, samples = excluded.samples,
                milliseconds = excluded.milliseconds, scope = excluded.scope,
                measure = excluded.measure, value = excluded.value, limits = excluded.limits,
                rows = excluded.rows, checked_at = now()
            """
        for result in results {
            let measured = result.measurement
            try await connection.run(
                sql,
                [
                    target.pipeline.name, target.name, result.name, result.severity.rawValue,
                    batch?.description, result.outcome.isGood ? "t" : "f", "\(result.failing)",
                    result.outcome.rawValue, result.message, result.samples,
                    "\(result.milliseconds)", target.scope.rawValue, measured?.name,
                    measured.map { "\($0.value)" }, measured?.limits,
                    measured.map { "\($0.rows)" },
                ])
        }
    }

    /// Earlier values that a check compares with, newest first; none for checks that do not.
    ///
    /// - Parameters:
    ///   - scope: What was measured; that of the target by default.
    ///   - limit: So many; what the check needs by default.
    public func past(
        of check: Check, on target: CheckTarget, scope: Check.Scope? = nil, before batch: ULID?,
        limit most: Int? = nil
    ) async throws -> [PastValue] {
        let scope = scope ?? target.scope
        let isCount: Bool
        let measure: String
        var limit: Int
        switch check.rule {
        case .rowCountChange(let over, _): (isCount, measure, limit) = (true, "rows", over)
        case .anomaly(let anomaly):
            (isCount, measure, limit) = (
                anomaly.metric == .rowCount, anomaly.title, anomaly.reach
            )
        default: return []
        }
        limit = most ?? limit
        let own = batch?.description
        if isCount, scope == .batch {
            // The runs know the rows of every batch, also of those before the check was there.
            return try await values(
                """
                select published + superseded as value, extract(epoch from updated_at) as at
                from millrace.runs
                where pipeline = $1 and dataset = $2 and state = 'published'
                    and batch is distinct from $3
                order by updated_at desc limit \(limit)
                """, [target.pipeline.name, target.name, own])
        }
        // What was refused was never right; and a look by hand is no step of the table.
        return try await values(
            """
            select value, extract(epoch from checked_at) as at from millrace.check_results
            where pipeline = $1 and "table" = $2 and batch is distinct from $3
                and check_name = $4 and scope = $5 and measure = $6 and value is not null
                and batch is not null and ($5 = 'table' or exists (
                    select from millrace.runs where runs.batch = check_results.batch
                        and runs.state in ('approved', 'published')))
            order by checked_at desc limit \(limit)
            """,
            [
                target.pipeline.name, target.name, own, check.name, scope.rawValue, measure,
            ])
    }

    private func values(_ sql: String, _ parameters: [String?]) async throws -> [PastValue] {
        try await pool.query(sql, parameters).compactMap { row in
            guard let value = Double(try row.text("value")), value.isFinite,
                let at = Double(try row.text("at"))
            else { return nil }
            return PastValue(value, at: Date(timeIntervalSince1970: at))
        }
    }

    /// What has been kept of a batch's look at its staging table, by name.
    public func staged(
        pipeline: String, table: String, batch: ULID
    ) async throws -> [String: CheckResult] {
        let sql = """
            select check_name, severity, observed, failing, message, samples, milliseconds
            from millrace.check_results
            where pipeline = $1 and "table" = $2 and batch = $3 and scope = 'batch'
            """
        let rows = try await pool.query(sql, [pipeline, table, batch.description])
        let results = try rows.map(CheckResult.init(row:))
        return Dictionary(results.map { ($0.name, $0) }) { first, _ in first }
    }

    /// The latest result of each check before this batch's, by name.
    public func latest(
        pipeline: String, table: String, before batch: ULID
    ) async throws -> [String: CheckResult] {
        let sql = """
            select distinct on (check_name)
                check_name, severity, observed, failing, message, samples, milliseconds
            from millrace.check_results
            where pipeline = $1 and "table" = $2 and batch <> $3
            order by check_name, check_id desc
            """
        let rows = try await pool.query(sql, [pipeline, table, batch.description])
        return Dictionary(
            uniqueKeysWithValues: try rows.map {
                (try $0.text("check_name"), try CheckResult(row: $0))
            })
    }

    /// Whether the batch of that dataset whose checks ran last before this one's was refused.
    public func wasRefused(
        pipeline: String, dataset: String, before batch: ULID
    ) async throws -> Bool {
        let sql = """
            select bool_or(not passed) or exists (
                -- The loader refuses for reasons of its own.
                select from millrace.runs
                where pipeline = $1 and dataset = $2 and state = 'refused' and batch <> $3
                    and updated_at > coalesce((
                        select max(updated_at) from millrace.runs
                        where pipeline = $1 and dataset = $2 and state = 'published'
                            and batch <> $3), '-infinity')
            ) as refused
            from millrace.check_results
            where pipeline = $1 and "table" = $2 and severity = 'block' and batch = (
                select batch from millrace.check_results
                where pipeline = $1 and "table" = $2 and severity = 'block' and batch <> $3
                order by check_id desc limit 1)
            """
        let rows = try await pool.query(sql, [pipeline, dataset, batch.description])
        return rows.first?.boolean("refused") ?? false
    }

    /// Whether what that dataset should hold is still to come: it has published nothing yet, or a
    /// batch of it is between transformer and publish right now.
    public func isUnderWay(pipeline: String, dataset: String) async throws -> Bool {
        let sql = """
            with of_dataset as (
                select state, updated_at from millrace.runs where pipeline = $1 and dataset = $2
            )
            select not exists (select from of_dataset where state = 'published')
                or exists (
                    select from of_dataset
                    where state in ('transformed', 'staged', 'approved')
                        and updated_at > now() - interval '2 minutes') as found
            """
        return try await pool.query(sql, [pipeline, dataset]).first?.boolean("found") ?? false
    }
}

extension CheckResult.Outcome {
    /// Whether nobody has to do anything.
    fileprivate var isGood: Bool { self == .passed || self == .learning }
}

extension CheckResult {
    fileprivate init(row: PostgresRow) throws {
        guard let severity = Check.Severity(rawValue: try row.text("severity")),
            let outcome = Outcome(rawValue: row["observed"] ?? "")
        else {
            throw PostgresError(.shape, "millrace.check_results holds a result of unknown form")
        }
        self.init(
            name: try row.text("check_name"), severity: severity, outcome: outcome,
            failing: try row.integer("failing"), message: try row.text("message"),
            samples: row["samples"] ?? "[]", milliseconds: try row.integer("milliseconds"))
    }
}
