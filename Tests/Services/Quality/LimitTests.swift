import Events
import Foundation
import Kit
import Pipelines
import Postgres
import Testing

@testable import quality

@Suite(
    "A check with limits", .timeLimit(.minutes(5)),
    .enabled(if: TestWarehouse.isAvailable, Comment(rawValue: TestWarehouse.missing)))
struct LimitTests {
    private let bench = QualityHandlerTests()

    private func nulls(_ limits: Check.Limits) -> Check {
        Check(
            name: "null_rate(body)", rule: .notNull(column: "body"),
            severity: limits.block == nil ? .warn : .block, limits: limits, scope: .batch)
    }

    private func alerts(_ events: [Event]) throws -> [String] {
        try events.compactMap { event in
            switch event.kind {
            case .alertRaised: "raised " + (try event.payload(AlertRaised.self)).topic
            case .alertResolved: "resolved " + (try event.payload(AlertResolved.self)).topic
            default: nil
            }
        }
    }

    @Test("publishes what is between them, tells of it once, and resolves it")
    func between() async throws {
        // One of four bodies is null.
        let check = nulls(Check.Limits(warn: .percent(10), block: .percent(50)))
        try await bench.withBench([check]) { bench in
            let batch = ULID()
            let staged = try await bench.staged(batch)
            #expect(staged.map(\.kind) == [.batchApproved])
            #expect(
                try alerts(await bench.published(batch)) == [
                    "raised check_warned", "raised run_succeeded",
                ])
            let row = try #require(
                try await bench.pool.query(
                    """
                    select severity, scope, measure, value, limits, rows, passed
                    from millrace.check_results where check_name = 'null_rate(body)'
                    """
                ).first)
            #expect(
                row.values == [
                    "warn", "batch", "failing rows", "1", "warn above 10%, block above 50%", "4",
                    "f",
                ])
            let same = ULID()
            _ = try await bench.staged(same)
            #expect(try alerts(await bench.published(same)) == ["raised run_succeeded"])
            try await bench.execute("update millrace_staging.staged set body = 'x'")
            let good = ULID()
            _ = try await bench.staged(good)
            #expect(
                try alerts(await bench.published(good))
                    == ["resolved check_warned", "raised run_succeeded"])
        }
    }

    @Test("keeps back what is above the second")
    func above() async throws {
        let check = nulls(Check.Limits(warn: .percent(10), block: .percent(20)))
        try await bench.withBench([check]) { bench in
            let events = try await bench.staged()
            #expect(events.map(\.kind) == [.batchRefused, .alertRaised])
        }
    }

    @Test("compares a batch with those before it, and says nothing until there are enough")
    func history() async throws {
        let check = Check(
            name: "rows", rule: .rowCountChange(over: 3, direction: .both), severity: .block,
            limits: Check.Limits(block: .percent(50)))
        try await bench.withBench([check]) { bench in
            #expect(try await bench.staged(ULID()).map(\.kind) == [.batchApproved])
            try await bench.execute(
                """
                insert into millrace.runs (batch, pipeline, dataset, revision, state, objects,
                    read, published, superseded, filtered, rejected, times, started_at)
                select n::text, 'shop', 'reviews', 'r', 'published', 1, 40, 38, 2, 0, 0, '{}', now()
                from generate_series(1, 3) as n
                """)
            let refused: BatchRefused = try #require(try await bench.staged(ULID()).first).payload()
            #expect(
                refused.reasons == [
                    "rows: there are 4 rows; the median of the 3 batches before is 40 (-90%)"
                ])
        }
    }
}
