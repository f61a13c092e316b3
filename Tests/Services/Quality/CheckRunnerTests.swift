import Foundation
import Kit
import Pipelines
import Postgres
import Testing
import Warehouse

@testable import quality

@Suite(
    "A check on a table", .timeLimit(.minutes(5)),
    .enabled(if: TestWarehouse.isAvailable, Comment(rawValue: TestWarehouse.missing)))
struct CheckRunnerTests {
    private func withRunner(_ body: (CheckRunner) async throws -> Void) async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 2, applicationName: "quality test")
            try await SystemSchema.migrate(pool)
            try await pool.with { try await $0.execute(Fixture.tables) }
            try await body(CheckRunner(pool: pool, timeLimit: .milliseconds(500)))
        }
    }

    private func target(_ checks: [Check], isStaging: Bool = false) -> CheckTarget {
        CheckTarget(
            Fixture.reviews(checks), of: Fixture.pipeline(checks),
            staging: isStaging ? "staged" : nil)
    }

    private func run(_ checks: [Check]) async throws -> [CheckResult] {
        var results: [CheckResult] = []
        try await withRunner { results = try await $0.run(checks, on: target(checks)) }
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
                    let check = Fixture.check(rule)
                    let result = try #require(
                        try await runner.run([check], on: target([check], isStaging: isStaging))
                            .first)
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
            try await run([Fixture.check(.sql("select nextval('millrace.rejects_reject_id_seq')"))])
                .first)
        #expect(result.outcome == .error)
    }

    @Test("that cannot be evaluated does not spoil its neighbours")
    func neighbours() async throws {
        let results = try await run([
            Fixture.check(.notNull(column: "rating"), name: "first"),
            Fixture.check(.notNull(column: "nowhere"), name: "second"),
            Fixture.check(.rowCount(minimum: 1, maximum: nil), name: "third"),
            Fixture.check(.unique(columns: ["review_id"]), name: "fourth"),
        ])
        #expect(results.map(\.name) == ["first", "second", "third", "fourth"])
        #expect(results.map(\.outcome) == [.passed, .error, .passed, .failed])
    }

    @Test("shows rows that fail, by key and column")
    func samples() async throws {
        let results = try await run([
            Fixture.check(.range(column: "rating", minimum: "0", maximum: "5")),
            Fixture.check(.unique(columns: ["review_id"]), name: "unique"),
            Fixture.check(
                .sql("select body, book_id from {{table}} where rating = 9"), name: "sql"),
        ])
        let samples = results.map { AlertText.samples($0.samples) }
        #expect(samples[0].sorted() == ["rating=-1  review_id=2", "rating=9  review_id=2"])
        #expect(samples[1] == ["copies=2  review_id=2"])
        #expect(samples[2] == ["body=null  book_id=7"])
        #expect(results[0].message == "rating is outside 0 to 5 in 2 of 4 rows")
    }
}
