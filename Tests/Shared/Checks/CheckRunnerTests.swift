import Foundation
import Kit
import Pipelines
import Postgres
import Testing
import Warehouse

@testable import Checks

@Suite(
    "A check on a table", .timeLimit(.minutes(5)),
    .enabled(if: TestWarehouse.isAvailable, Comment(rawValue: TestWarehouse.missing)))
struct CheckRunnerTests {
    private func withRunner(_ body: (CheckRunner) async throws -> Void) async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 2, applicationName: "quality test")
            try await SystemSchema.migrate(pool)
            try await pool.with { try await $0.execute(Shop.tables) }
            try await body(CheckRunner(pool: pool, timeLimit: .milliseconds(500)))
        }
    }

    private func target(_ checks: [Check], isStaging: Bool = false) -> CheckTarget {
        CheckTarget(
            Shop.reviews(checks), of: Shop.pipeline(checks),
            staging: isStaging ? "staged" : nil)
    }

    private func run(_ checks: [Check]) async throws -> [CheckResult] {
        var results: [CheckResult] = []
        try await withRunner { results = try await $0.run(checks, on: target(checks)).results }
        return results
    }

    private static let outcomes: [(Check.Rule, CheckResult.Outcome, Int)] = [
        (Check.Rule.notNull(column: "rating"), CheckResult.Outcome.passed, 0),
        (.notNull(column: "body"), .failed, 1),
        (.notNull(column: "nowhere"), .error, 0),
        (.unique(columns: ["review_id", "rating"]), .passed, 0),
        (.unique(columns: ["review_id"]), .failed, 1),
        (.unique(columns: ["nowhere"]), .error, 0),
        (.range(column: "rating", minimum: "-1", maximum: "9"), .passed, 0),
        (.range(column: "rating", minimum: "0", maximum: "5.5"), .failed, 2),
        (.range(column: "rating", minimum: "0", maximum: nil), .failed, 1),
        (.range(column: "rating", minimum: "a", maximum: nil), .error, 0),
        (.range(column: "added", minimum: "2020-01-01", maximum: "2030-01-01"), .failed, 1),
        (.range(column: "rating", minimum: nil, maximum: "99999999999"), .passed, 0),
        (.acceptedValues(column: "body", values: ["good", #"it's "bad" \"#]), .passed, 0),
        (.acceptedValues(column: "body", values: ["good"]), .failed, 1),
        (.acceptedValues(column: "rating", values: ["5", "3", "9"]), .failed, 1),
        (.acceptedValues(column: "nowhere", values: ["a"]), .error, 0),
        (.reference(column: "rating", to: "reviews", toColumn: "rating"), .passed, 0),
        (.reference(column: "book_id", to: "books", toColumn: "book_id"), .failed, 1),
        (.reference(column: "book_id", to: "best", toColumn: "nowhere"), .error, 0),
        (.rowCount(minimum: 4, maximum: 4), .passed, 0),
        (.rowCount(minimum: 5, maximum: nil), .failed, 1),
        (.rowCount(minimum: nil, maximum: 3), .failed, 1),
        (.regex(column: "body", pattern: "^(good|it's)"), .passed, 0),
        (.regex(column: "body", pattern: #"^\w+$"#), .failed, 1),
        (.regex(column: "review_id", pattern: "^1"), .failed, 2),
        (.regex(column: "body", pattern: "("), .error, 0),
        (.length(column: "body", minimum: 4, maximum: nil), .passed, 0),
        (.length(column: "body", minimum: nil, maximum: 4), .failed, 1),
        (.length(column: "body", minimum: 5, maximum: 6), .failed, 3),
        (.functionalDependency(columns: ["review_id"], determines: "rating"), .failed, 1),
        (.functionalDependency(columns: ["rating"], determines: "review_id"), .passed, 0),
        (.functionalDependency(columns: ["body"], determines: "rating"), .failed, 1),
        (.functionalDependency(columns: ["body"], determines: "nowhere"), .error, 0),
        (.schema(columns: [.init("rating", .smallint)], isExact: false), .passed, 0),
        (
            .schema(columns: [.init("rating", .bigint), .init("nowhere", .text)], isExact: false),
            .failed, 2
        ),
        (.schema(columns: [.init("rating", .smallint)], isExact: true), .failed, 4),
        (.reconcile(Reconciliation(to: "reviews")), .passed, 0),
        (.reconcile(Reconciliation(to: "books")), .failed, 1),
        (.reconcile(Reconciliation(sum: "rating", to: "best", toColumn: "rank")), .failed, 1),
        (
            .reconcile(Reconciliation(sum: "book_id", to: "reviews", toColumn: "book_id")), .passed,
            0
        ),
        (.reconcile(Reconciliation(sum: "nowhere", to: "best", toColumn: "rank")), .error, 0),
        (.anomaly(Anomaly(metric: .mean, column: "rating")), .learning, 0),
        (.anomaly(Anomaly(metric: .distinctCount, column: "rating")), .learning, 0),
        (.anomaly(Anomaly(metric: .stddev, column: "nowhere")), .error, 0),
        (.rowCountChange(over: 5, direction: .both), .learning, 0),
        (.sql("select * from {{table}} where rating > 10"), .passed, 0),
        (.sql("select * from {{table}} where rating > {{top}};"), .failed, 3),
        (.sql("select * from {{books}} where book_id = 1"), .failed, 1),
        (.sql("select 1 from {{table}} having count(*) > {{top}}"), .failed, 1),
        (.sql("select nowhere from {{table}}"), .error, 0),
        (.sql("select 1 / (rating - 3) from {{table}}"), .error, 0),
        (.sql("select pg_sleep(5)"), .error, 0),
        (.sql("select * from millrace.subscriptions"), .error, 0),
        (
            .sql("select set_config('work_mem', '1', false), 1; drop table shop.books"), .error,
            0
        ),
    ]

    @Test("passes, fails or is in error, each rule, in staging and in the table")
    func outcome() async throws {
        try await withRunner { runner in
            for (rule, outcome, failing) in Self.outcomes {
                for isStaging in [false, true] {
                    let check = Shop.check(rule)
                    let result = try #require(
                        try await runner.run([check], on: target([check], isStaging: isStaging))
                            .results.first)
                    #expect(result.outcome == outcome, "\(rule): \(result.message)")
                    #expect(result.failing == failing, "\(rule): \(result.message)")
                    let isError = result.message.hasPrefix("could not be evaluated: ")
                    #expect(isError == (outcome == .error))
                }
            }
        }
    }

    @Test("writes nothing, whatever its SQL tries")
    func readOnly() async throws {
        let result = try #require(
            try await run([Shop.check(.sql("select nextval('millrace.rejects_reject_id_seq')"))])
                .first)
        #expect(result.outcome == .error)
    }

    @Test("that cannot be evaluated does not spoil its neighbours")
    func neighbours() async throws {
        let results = try await run([
            Shop.check(.notNull(column: "rating"), name: "first"),
            Shop.check(.notNull(column: "nowhere"), name: "second"),
            Shop.check(.rowCount(minimum: 1, maximum: nil), name: "third"),
            Shop.check(.unique(columns: ["review_id"]), name: "fourth"),
        ])
        #expect(results.map(\.name) == ["first", "second", "third", "fourth"])
        #expect(results.map(\.outcome) == [.passed, .error, .passed, .failed])
    }

    @Test("shows rows that fail, by key and column")
    func samples() async throws {
        let results = try await run([
            Shop.check(.range(column: "rating", minimum: "0", maximum: "5")),
            Shop.check(.unique(columns: ["review_id"]), name: "unique"),
            Shop.check(
                .sql("select body, book_id from {{table}} where rating = 9"), name: "sql"),
        ])
        let samples = try results.map { try Self.rows($0.samples) }
        #expect(
            samples[0] == [
                ["rating": "-1", "review_id": "2"], ["rating": "9", "review_id": "2"],
            ])
        #expect(samples[1] == [["copies": "2", "review_id": "2"]])
        #expect(samples[2] == [["body": nil, "book_id": "7"]])
        #expect(results[0].message == "rating is outside 0 to 5 in 2 of 4 rows")
    }

    static func rows(_ samples: String) throws -> Set<[String: String?]> {
        Set(try JSONDecoder().decode([[String: String?]].self, from: Data(samples.utf8)))
    }
}
