import Checks
import Events
import Foundation
import Kit
import Lake
import Pipelines
import Postgres
import Telemetry
import Testing
import Warehouse

@testable import quality

@Suite(
    "Quality", .timeLimit(.minutes(5)),
    .enabled(if: TestWarehouse.isAvailable, Comment(rawValue: TestWarehouse.missing)))
struct QualityHandlerTests {
    /// Quality over a real warehouse and a lake in memory.
    struct Bench {
        let pool: PostgresPool
        let handler: QualityHandler
        let revision: String

        func execute(_ sql: String) async throws {
            try await pool.with { try await $0.execute(sql) }
        }

        func staged(
            _ batch: ULID = Fixture.batch, counts: Counts = Counts(read: 4)
        ) async throws -> [Event] {
            let facts = Fixture.facts(revision: revision, batch: batch, counts: counts)
            return try await handler.handle(
                Fixture.event(BatchStaged(facts: facts, table: "staged")))
        }

        func recordBooks(as state: String) async throws {
            try await execute(
                """
                insert into millrace.runs (batch, pipeline, dataset, revision, state, objects,
                    read, published, superseded, filtered, rejected, times, started_at)
                values ('b', 'shop', 'books', 'r', '\(state)', 1, 1, 0, 0, 0, 0, '{}', now())
                """)
        }

        func published(
            _ batch: ULID = ULID(), dataset: String = "reviews",
            counts: Counts = Counts(read: 4, published: 4), refusal: String? = nil
        ) async throws -> [Event] {
            let facts = Fixture.facts(
                revision: revision, batch: batch, dataset: dataset, counts: counts,
                refusal: refusal)
            return try await handler.handle(
                Fixture.event(BatchPublished(facts: facts, counts: counts)))
        }
    }

    func withBench(
        _ checks: [Check], model: [Check] = [],
        _ body: (Bench) async throws -> Void
    ) async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 2, applicationName: "quality test")
            try await SystemSchema.migrate(pool)
            try await pool.with { try await $0.execute(Fixture.tables) }
            let catalog = PipelineCatalog(lake: MemoryStore())
            let revision = try await catalog.apply(Fixture.pipeline(checks, model: model))
            let handler = QualityHandler(
                catalog: catalog, runner: CheckRunner(pool: pool, timeLimit: .seconds(5)),
                history: CheckHistory(pool: pool), rejects: Rejects(pool), open: OpenAlerts(pool),
                source: "/millrace/quality/here", metrics: Metrics())
            try await body(Bench(pool: pool, handler: handler, revision: revision))
        }
    }

    private func alerts(_ events: [Event]) throws -> [AlertRaised] {
        try events.filter { $0.kind == .alertRaised }.map { try $0.payload() }
    }

    private func topics(_ events: [Event]) throws -> [String] {
        try alerts(events).map(\.topic)
    }

    private let rated = Fixture.check(
        .range(column: "rating", minimum: "0", maximum: "5"), name: "range(rating)")
    private let known = Fixture.check(
        .reference(column: "book_id", to: "books", toColumn: "book_id"), .warn,
        name: "reference(book_id)")

    @Test("approves a batch whose blocking checks pass, and says when")
    func approved() async throws {
        let lenient = Fixture.check(.rowCount(minimum: 1, maximum: nil))
        try await withBench([lenient, known]) { bench in
            let events = try await bench.staged()
            #expect(events.map(\.id) == ["\(Fixture.batch).approved"])
            let approved: BatchApproved = try #require(events.first).payload()
            #expect(approved.table == "staged")
            #expect(approved.facts.times[.approved] != nil)
        }
    }

    @Test("refuses a batch whose blocking check fails, and tells what, where and what to type")
    func refused() async throws {
        try await withBench([rated]) { bench in
            let events = try await bench.staged()
            #expect(events.map(\.kind) == [.batchRefused, .alertRaised])
            #expect(events.first?.id == "\(Fixture.batch).refused")
            let refused: BatchRefused = try #require(events.first).payload()
            #expect(
                refused.reasons == ["range(rating): rating is outside 0 to 5 in 2 of 4 rows"])
            let alert = try #require(try alerts(events).first)
            #expect(alert.topic == "batch_refused")
            #expect(alert.severity == .critical)
            #expect(alert.title == "shop.reviews: batch refused, 1 of 2 blocking checks failed")
            #expect(alert.detail.contains("    rating=9  review_id=2"))
            #expect(alert.detail.contains("From reviews.jsonl."))
            #expect(alert.command == "millrace show \(Fixture.batch)")
        }
    }

    @Test("refuses a batch whose check cannot be evaluated")
    func unevaluated() async throws {
        try await withBench([Fixture.check(.sql("select oops from {{table}}"))]) { bench in
            let refused: BatchRefused = try #require(try await bench.staged().first).payload()
            #expect(refused.reasons.first?.contains("could not be evaluated: ") == true)
        }
    }

    @Test("refuses a batch of which rows are missing in staging")
    func unbalanced() async throws {
        try await withBench([]) { bench in
            let events = try await bench.staged(counts: Counts(read: 9, rejected: 4))
            let refused: BatchRefused = try #require(events.first).payload()
            #expect(refused.reasons == ["balance: 4 rows are staged; 5 of 9 records were kept"])
            #expect(try topics(events) == ["batch_refused"])
        }
    }

    @Test("decides a redelivered batch as before, though its staging table is gone")
    func redelivered() async throws {
        try await withBench([rated]) { bench in
            let first = try await bench.staged()
            try await bench.execute("drop table millrace_staging.staged")
            let second = try await bench.staged()
            #expect(first.map(\.id) == second.map(\.id))
            let count = try await bench.pool.query(
                "select count(*) as n from millrace.check_results")
            #expect(count.first?["n"] == "2")
        }
    }

    @Test("has a staging table filled again that a crash of the server has emptied")
    func emptied() async throws {
        try await withBench([rated]) { bench in
            try await bench.execute("truncate millrace_staging.staged")
            let events = try await bench.staged()
            #expect(events.map(\.id) == ["\(Fixture.batch).transformed"])
            #expect(events.map(\.kind) == [.batchTransformed])
        }
    }

    @Test("warns after the publish once, again when it gets worse, and says when it is over")
    func warned() async throws {
        try await withBench([known]) { bench in
            try await bench.recordBooks(as: "published")
            let first = try await bench.published()
            #expect(try topics(first) == ["check_warned", "run_succeeded"])
            #expect(try topics(await bench.published()) == ["run_succeeded"])
            try await bench.execute("insert into shop.reviews (review_id, book_id) values (9, 9)")
            #expect(try topics(await bench.published()) == ["check_warned", "run_succeeded"])
            try await bench.execute("delete from shop.reviews where book_id in (7, 9)")
            let last = try await bench.published()
            #expect(last.map(\.kind) == [.alertResolved, .alertRaised])
            let over: AlertResolved = try #require(last.first).payload()
            #expect(try alerts(first).map(\.key).first == over.key)
        }
    }

    @Test("looks again at references when the table that they point to is published")
    func lateReference() async throws {
        try await withBench([known]) { bench in
            try await bench.recordBooks(as: "published")
            #expect(try topics(await bench.published()).contains("check_warned"))
            try await bench.execute("insert into shop.books values (7)")
            let events = try await bench.published(dataset: "books")
            let over: AlertResolved = try #require(
                events.first { $0.kind == .alertResolved }
            ).payload()
            #expect(over.key == "check:shop.reviews:reference(book_id)")
        }
    }

    @Test("holds an alert back while what is referred to is on its way")
    func heldReference() async throws {
        try await withBench([known]) { bench in
            // Nothing of the books has ever come.
            #expect(try topics(await bench.published()) == ["run_succeeded"])
            try await bench.recordBooks(as: "staged")
            #expect(try topics(await bench.published()) == ["run_succeeded"])
            // The book is not among those that came.
            let events = try await bench.published(dataset: "books")
            #expect(try topics(events) == ["check_warned", "run_succeeded"])
        }
    }

    @Test("says that a dataset is published again after a refused batch, once")
    func refusalOver() async throws {
        try await withBench([rated]) { bench in
            _ = try await bench.staged(ULID())
            try await bench.execute("update millrace_staging.staged set rating = 5")
            let good = ULID()
            _ = try await bench.staged(good)
            let events = try await bench.published(good)
            #expect(events.map(\.kind) == [.alertResolved, .alertRaised])
            let next = ULID()
            _ = try await bench.staged(next)
            #expect(try await bench.published(next).map(\.kind) == [.alertRaised])
        }
    }

    @Test("tells how many records were rejected, and why")
    func rejected() async throws {
        try await withBench([]) { bench in
            let batch = ULID()
            try await bench.execute(
                """
                insert into millrace.rejects (pipeline, dataset, batch, object, reason, message,
                    stage)
                select 'shop', 'reviews', '\(batch)', 'o', reason, 'm', 'cast'
                from unnest(array['bad_value', 'nul_byte', 'bad_value']) as reason
                """)
            let counts = Counts(read: 7, published: 4, rejected: 3)
            let events = try await bench.published(batch, counts: counts, refusal: "no header")
            let alert = try #require(try alerts(events).first)
            #expect(alert.topic == "rejects_over")
            #expect(
                alert.title == "shop.reviews: 3 of 7 records rejected, 1 files refused")
            #expect(alert.detail.hasPrefix("2 bad_value\n1 nul_byte\n"))
            #expect(alert.detail.hasSuffix("-reviews.jsonl: no header"))
            #expect(alert.command == "millrace rejects list --run \(batch)")
            let done = try #require(try alerts(events).last)
            #expect(done.severity == .info)
            #expect(done.detail.contains("read 7 = published 4 + superseded 0"))
            #expect(done.detail.contains("arrived to queryable: 250 ms"))
        }
    }

    @Test("looks at a model's checks and at its key after a refresh")
    func model() async throws {
        let ranked = Fixture.check(
            .range(column: "rank", minimum: nil, maximum: "2"), .warn, name: "ranked")
        try await withBench([], model: [ranked]) { bench in
            let refreshed = ModelRefreshed(
                pipeline: "shop", revision: bench.revision, model: "best", batch: ULID(), rows: 3,
                milliseconds: 1)
            let events = try await bench.handler.handle(Fixture.event(refreshed))
            let alerts = try alerts(events)
            #expect(alerts.map(\.topic) == ["check_failed", "check_warned"])
            #expect(alerts.map(\.dataset) == ["best", "best"])
            #expect(alerts.first?.title == "shop.best: unique(book_id) failed")
        }
    }

    @Test("says the same alerts under the same ids when an event comes twice")
    func sameIDs() async throws {
        try await withBench([known]) { bench in
            let batch = ULID()
            let first = try await bench.published(batch)
            let second = try await bench.published(batch)
            #expect(first.map(\.id) == second.map(\.id))
            #expect(first.allSatisfy { $0.id.hasPrefix("\(batch).") && $0.id.utf8.count < 256 })
        }
    }

    @Test("refuses for good what it cannot know")
    func unknown() async throws {
        try await withBench([]) { bench in
            let facts = Fixture.facts(revision: "0123456789ab")
            let error = await #expect(throws: HandlingError.self) {
                _ = try await bench.handler.handle(
                    Fixture.event(BatchStaged(facts: facts, table: "staged")))
            }
            #expect(error?.disposition == .permanent)
        }
    }
}
