import Events
import Pipelines
import Postgres

/// The results of checks over time: the table `millrace.check_results`.
struct CheckHistory: Sendable {
    let pool: PostgresPool

    /// Keeps the results of a batch's checks; of a redelivered one only the last are kept.
    func record(
        _ results: [CheckResult], pipeline: String, table: String, batch: ULID
    ) async throws {
        let sql = """
            insert into millrace.check_results as kept (pipeline, "table", check_name, severity,
                batch, passed, failing, observed, message, samples, milliseconds)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11)
            on conflict (pipeline, "table", check_name, batch) do update set
                severity = excluded.severity, passed = excluded.passed,
                failing = excluded.failing, observed = excluded.observed,
                message = excluded.message, samples = excluded.samples,
                milliseconds = excluded.milliseconds, checked_at = now()
            """
        try await pool.transaction { connection in
            for result in results {
                try await connection.run(
                    sql,
                    [
                        pipeline, table, result.name, result.severity.rawValue, batch.description,
                        result.outcome == .passed ? "t" : "f", "\(result.failing)",
                        result.outcome.rawValue, result.message, result.samples,
                        "\(result.milliseconds)",
                    ])
            }
        }
    }

    /// What has been kept of a batch's blocking checks, by name.
    func blocking(
        pipeline: String, table: String, batch: ULID
    ) async throws -> [String: CheckResult] {
        let sql = """
            select check_name, severity, observed, failing, message, samples, milliseconds
            from millrace.check_results
            where pipeline = $1 and "table" = $2 and batch = $3 and severity = 'block'
            """
        let rows = try await pool.query(sql, [pipeline, table, batch.description])
        let results = try rows.map(CheckResult.init(row:))
        return Dictionary(results.map { ($0.name, $0) }) { first, _ in first }
    }

    /// The latest result of each check before this batch's, by name.
    func latest(
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
    func wasRefused(pipeline: String, dataset: String, before batch: ULID) async throws -> Bool {
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
    func isUnderWay(pipeline: String, dataset: String) async throws -> Bool {
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
