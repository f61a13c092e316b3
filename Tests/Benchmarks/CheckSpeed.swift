import Checks
import Foundation
import Pipelines
import Postgres
import Processes
import Stack
import Warehouse

/// How long checks take over a large staged batch: all of GoodReads' reviews, and ten that Great
/// Expectations and Soda Core have, too, in turns with them.
struct CheckSpeed: Sendable {
    let rows: Int
    let rounds: Int

    /// The figures, in seconds.
    struct Figures: Codable, Sendable {
        var rows: Int
        /// All checks of the pipeline's reviews.
        var pipeline: Double
        var pipelineChecks: Int
        var slowest: [String: Double]
        /// Ten checks, each tool's median, and every round in order.
        var ours: Double
        var peers: [String: Double]
        var tries: [String: [Double]]
        /// Tools that are not installed.
        var missing: [String]
    }

    func measure() async throws -> Figures {
        try await BenchWarehouse.with { warehouse in
            try await make(warehouse.pool)
            let pipeline = try Self.goodreads()
            let all = try await self.all(pipeline, warehouse.pool)
            var tries: [String: [Double]] = [:]
            var missing: Set<String> = []
            let peers = Peer.all(warehouse.url)
            for _ in 0..<rounds {
                let seconds = try await ten(pipeline, warehouse.pool)
                tries["ours", default: []].append(seconds)
                for peer in peers {
                    if let seconds = try await peer.run() {
                        tries[peer.name, default: []].append(seconds)
                    } else {
                        missing.insert(peer.name)
                    }
                }
            }
            let medians = tries.mapValues { Percentiles($0).p50 }
            return Figures(
                rows: rows, pipeline: all.seconds, pipelineChecks: all.results.count,
                slowest: Dictionary(
                    all.results.sorted { $0.milliseconds > $1.milliseconds }.prefix(5)
                        .map { ($0.name, Double($0.milliseconds) / 1000) },
                    uniquingKeysWith: { $1 }),
                ours: medians["ours"] ?? 0, peers: medians.filter { $0.key != "ours" },
                tries: tries, missing: missing.sorted())
        }
    }

    private func all(
        _ pipeline: Pipeline, _ pool: PostgresPool
    ) async throws -> (seconds: Double, results: [CheckResult]) {
        guard let reviews = pipeline.dataset("reviews") else { throw BenchError("no reviews") }
        return try await run(reviews.checks, reviews, pipeline, pool)
    }

    private func ten(_ pipeline: Pipeline, _ pool: PostgresPool) async throws -> Double {
        guard let reviews = pipeline.dataset("reviews") else { throw BenchError("no reviews") }
        let rules: [(Check.Rule, Check.Limits?)] = [
            (.rowCount(minimum: 1, maximum: nil), nil),
            (.notNull(column: "review_id"), nil),
            (.notNull(column: "record_create_timestamp"), nil),
            (.unique(columns: ["review_id"]), nil),
            (.notNull(column: "review_text"), Check.Limits(block: .percent(5))),
            (.range(column: "review_rating", minimum: "0", maximum: "5"), nil),
            (.acceptedValues(column: "spoiler_state", values: ["none", "some", "all"]), nil),
            (.regex(column: "review_url", pattern: "^https://goodreads\\.example/"), nil),
            (.length(column: "review_url", minimum: 10, maximum: 80), nil),
            (
                .sql("select 1 from {{table}} where review_updated_date < review_added_date"), nil
            ),
        ]
        let checks = rules.enumerated().map {
            Check(name: "check_\($0)", rule: $1.0, severity: .block, limits: $1.1)
        }
        return try await run(checks, reviews, pipeline, pool).seconds
    }

    private func run(
        _ checks: [Check], _ dataset: Dataset, _ pipeline: Pipeline, _ pool: PostgresPool
    ) async throws -> (seconds: Double, results: [CheckResult]) {
        let target = CheckTarget(dataset, of: pipeline, staging: "reviews")
        let clock = ContinuousClock()
        let begin = clock.now
        let results = try await CheckRunner(pool: pool, timeLimit: .seconds(600))
            .run(checks, on: target).results
        let seconds = (clock.now - begin) / .seconds(1)
        for result in results where result.outcome != .passed {
            throw BenchError("\(result.name): \(result.message)")
        }
        return (seconds, results)
    }

    private static func goodreads() throws -> Pipeline {
        let folder = BenchStack.pipeline
        let (pipeline, report) = PipelineFolder.read(folder)
        guard let pipeline else { throw BenchError(report.text(colour: false)) }
        return pipeline
    }

    /// Staged reviews as the loader leaves them, and what they refer to.
    private func make(_ pool: PostgresPool) async throws {
        let scale = max(1, rows / 1_000)
        try await pool.with { connection in
            for sql in [
                "create schema goodreads; grant usage on schema goodreads to millrace_reader",
                """
                create table goodreads.authors (author_id bigint primary key);
                insert into goodreads.authors select * from generate_series(0, \(scale * 20));
                create table goodreads.books (book_id bigint primary key);
                insert into goodreads.books select * from generate_series(0, \(scale * 100));
                create table goodreads.users (user_id bigint primary key);
                insert into goodreads.users select * from generate_series(0, \(scale * 300))
                """,
                """
                create unlogged table millrace_staging.reviews as
                select n::bigint as review_id, n % \(scale * 300) as user_id,
                    n % \(scale * 100) as book_id, n % \(scale * 20) as author_id,
                    case when n % 50 > 0 then repeat(md5(n::text), 6) end as review_text,
                    (n % 6)::float8 as review_rating, n % 40 as review_votes,
                    n % 9 = 0 as spoiler_flag,
                    (array['none', 'some', 'all'])[n % 3 + 1] as spoiler_state,
                    timestamptz '2012-01-01' + n * interval '10 s' as review_added_date,
                    timestamptz '2012-01-02' + n * interval '10 s' as review_updated_date,
                    n % 5 as review_read_count, n % 7 as comments_count,
                    'https://goodreads.example/review/show/' || n as review_url,
                    timestamp '2020-01-01' + n * interval '1 s' as record_create_timestamp,
                    0 as _object, n as _line
                from generate_series(1, \(rows)) as n
                """,
                """
                grant select on all tables in schema goodreads, millrace_staging
                to millrace_reader
                """, "analyze", "checkpoint",
            ] { try await connection.execute(sql) }
        }
    }
}
