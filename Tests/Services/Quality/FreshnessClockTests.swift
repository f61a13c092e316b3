import Broker
import Events
import Foundation
import Kit
import Lake
import Pipelines
import Postgres
import Service
import Synchronization
import Telemetry
import Testing
import Warehouse

@testable import quality

@Suite(
    "The clock of freshness", .timeLimit(.minutes(5)),
    .enabled(if: TestWarehouse.isAvailable, Comment(rawValue: TestWarehouse.missing)))
struct FreshnessClockTests {
    private struct Rig: Sendable {
        final class Clock: Sendable {
            let time = Mutex(Date())
            var now: Date { time.withLock { $0 } }
            func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
        }

        let pool: PostgresPool
        let catalog: PipelineCatalog
        let clock = Clock()
        let publisher = RecordingPublisher()

        func watch() -> FreshnessClock {
            FreshnessClock(
                catalog: catalog, pool: pool,
                context: ServiceContext(
                    name: "quality", host: "here", log: Log(service: "quality") { _ in },
                    metrics: Metrics(), publisher: publisher),
                timeLimit: .seconds(5), now: { clock.now })
        }

        func apply(_ rules: Freshness...) async throws {
            let checks = rules.enumerated().map {
                Check(name: "fresh_\($0)", rule: .freshness($1), severity: .warn)
            }
            _ = try await catalog.apply(Fixture.pipeline(checks))
        }

        func publish(_ object: String = "\(ULID())") async throws {
            _ = try await pool.query(
                """
                insert into millrace.ledger (pipeline, dataset, object, batch, revision, name,
                    bytes, read, published, superseded, filtered, rejected, committed_at)
                values ('shop', 'reviews', $1, $1, 'r', 'a', 1, 0, 0, 0, 0, 0, to_timestamp($2))
                """, [object, "\(clock.now.timeIntervalSince1970)"])
        }

        /// Topic and title of each word, in order.
        var said: [String] {
            get throws {
                try publisher.events.map { event in
                    switch event.kind {
                    case .alertRaised:
                        "raised " + (try event.payload(AlertRaised.self)).title
                    default:
                        "resolved " + (try event.payload(AlertResolved.self)).title
                    }
                }
            }
        }
    }

    private func withRig(_ body: (Rig) async throws -> Void) async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 4, applicationName: "freshness test")
            try await SystemSchema.migrate(pool)
            try await pool.with { try await $0.execute(Fixture.tables) }
            try await body(Rig(pool: pool, catalog: PipelineCatalog(lake: MemoryStore())))
        }
    }

    @Test("raises what does not come once, whoever looks, and resolves it")
    func silence() async throws {
        try await withRig { rig in
            try await rig.apply(.silence(seconds: 3600))
            let clocks = [rig.watch(), rig.watch(), rig.watch()]
            func look() async throws {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for clock in clocks { group.addTask { try await clock.look() } }
                    try await group.waitForAll()
                }
                // One of them was first, and the others may have found it busy.
                try await clocks[0].look()
            }
            try await look()
            #expect(try rig.said.isEmpty)
            rig.clock.advance(3700)
            for _ in 0..<3 { try await look() }
            #expect(
                try rig.said == [
                    "raised shop.reviews: nothing was ever published; wanted is one every 1 h"
                ])
            try await rig.publish()
            for _ in 0..<3 { try await look() }
            #expect(try rig.said.count == 2 && rig.said[1].hasPrefix("resolved shop.reviews: "))
            rig.clock.advance(7230)
            try await look()
            #expect(
                try rig.said.last
                    == "raised shop.reviews: the last publish is 2 h ago; wanted is one every 1 h")
            let alert = try #require(rig.publisher.events(of: .alertRaised).last)
                .payload(AlertRaised.self)
            #expect(alert.topic == "freshness_missed" && AlertRaised.topics.contains(alert.topic))
            #expect(Set(rig.publisher.events.map(\.id)).count == 3)
            let rows = try await rig.pool.query(
                "select passed from millrace.check_results order by check_id")
            #expect(rows.map { $0.boolean("passed") } == [false, true, false])
        }
    }

    @Test("says again what it could not say, with the same id")
    func saysAgain() async throws {
        try await withRig { rig in
            try await rig.apply(.silence(seconds: 60))
            let clock = rig.watch()
            try await clock.look()
            rig.clock.advance(100)
            rig.publisher.fail(with: HandlingError(.transient, "broker.away", "no broker"))
            await #expect(throws: HandlingError.self) { try await clock.look() }
            rig.publisher.fail(with: nil)
            try await rig.watch().look()
            #expect(try rig.said.count == 1)
            #expect(
                rig.publisher.events.map(\.id) == ["freshness:shop.reviews:fresh_0.1.raised"])
        }
    }

    @Test("looks at the newest value of a column, of tables with and without a zone")
    func age() async throws {
        try await withRig { rig in
            try await rig.pool.with {
                try await $0.execute(
                    """
                    truncate shop.reviews;
                    insert into shop.reviews (review_id, added)
                    values (1, now() at time zone 'Asia/Tokyo' - interval '30 minutes')
                    """)
            }
            try await rig.apply(.age(column: "added", seconds: 3600, timeZone: "Asia/Tokyo"))
            let clock = rig.watch()
            try await rig.publish()
            try await clock.look()
            #expect(try rig.said.isEmpty)
            rig.clock.advance(2000)
            try await clock.look()
            #expect(try rig.said.count == 1)
            // The value is looked up again only behind a publish.
            try await rig.pool.with {
                try await $0.execute(
                    """
                    insert into shop.reviews (review_id, added)
                    values (2, now() at time zone 'Asia/Tokyo')
                    """)
            }
            try await clock.look()
            #expect(try rig.said.count == 1)
            try await rig.publish()
            try await clock.look()
            #expect(try rig.said.count == 2)
        }
    }

    @Test("resolves what is watched no more, and begins anew with another rule")
    func changed() async throws {
        try await withRig { rig in
            try await rig.apply(.silence(seconds: 60))
            let clock = rig.watch()
            try await clock.look()
            rig.clock.advance(100)
            try await clock.look()
            #expect(try rig.said.count == 1)
            try await rig.apply()
            for _ in 0..<3 { try await clock.look() }
            #expect(try rig.said.last == "resolved shop.reviews: it is watched no more")
            #expect(try await rig.pool.query("select from millrace.freshness").isEmpty)
        }
    }
}
