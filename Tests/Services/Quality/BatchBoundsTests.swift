import Events
import Foundation
import Kit
import Pipelines
import Postgres
import Testing
import Warehouse

@testable import quality

@Suite(
    "The bounds of a batch", .timeLimit(.minutes(5)),
    .enabled(if: TestWarehouse.isAvailable, Comment(rawValue: TestWarehouse.missing)))
struct BatchBoundsTests {
    @Test("are any reject, or what the pipeline allows of a batch and of a day")
    func rejects() async throws {
        let cases: [(AlertRules, Int, [String])] = [
            (AlertRules(), 0, []), (AlertRules(), 1, ["rejects_over"]),
            (AlertRules(rejectsOver: .percent(10)), 10, []),
            (AlertRules(rejectsOver: .percent(10)), 11, ["rejects_over"]),
            (AlertRules(rejectsOver: .records(50), rejectsOverDay: 90), 1, []),
            (AlertRules(rejectsOver: .records(50), rejectsOverDay: 80), 1, ["rejects_over"]),
        ]
        try await withBounds { pool in
            _ = try await pool.query(
                """
                insert into millrace.runs (batch, pipeline, dataset, revision, state, objects,
                    read, published, superseded, filtered, rejected, times, started_at)
                select 'b' || n, 'shop', 'reviews', 'r', 'published', 1, 100, 0, 0, 0, 30, '{}',
                    now() from generate_series(1, 3) as n
                """)
            for (rules, rejected, topics) in cases {
                let counts = Counts(read: 100, published: 100 - rejected, rejected: rejected)
                let events = try await events(pool, rules, counts)
                #expect(try events.map { try $0.payload(AlertRaised.self).topic } == topics)
            }
        }
    }

    @Test("are over with the next batch that is within, once")
    func over() async throws {
        try await withBounds { pool in
            let open = OpenAlerts(pool)
            let late = AlertRules(latencySLO: 0)
            let first = try await events(pool, late, Counts(read: 1, published: 1), open)
            #expect(first.map(\.kind) == [.alertRaised])
            let raised: AlertRaised = try #require(first.first).payload()
            #expect(raised.key == "latency_slo:shop.reviews")
            #expect(raised.title == "shop.reviews: queryable 0.2 s after arrival, not 0 s")
            let next = try await events(pool, AlertRules(), Counts(read: 1, published: 1), open)
            #expect(next.map(\.kind) == [.alertResolved])
            #expect(try await events(pool, AlertRules(), Counts(), open).isEmpty)
            // As the notifier keeps what another quality has raised.
            _ = try await pool.query(
                """
                insert into millrace.alerts (alert_id, kind, key, topic, severity, pipeline,
                    dataset, title, detail, raised_at)
                values ('x', 'raised', 'contract_broken:shop.reviews', 'contract_broken',
                    'critical', 'shop', 'reviews', '', '', now())
                """)
            let last = try await events(pool, AlertRules(), Counts(), open)
            let over: AlertResolved = try #require(last.first).payload()
            #expect(over.topic == "contract_broken")
        }
    }

    private func events(
        _ pool: PostgresPool, _ rules: AlertRules, _ counts: Counts, _ open: OpenAlerts? = nil
    ) async throws -> [Event] {
        let facts = Fixture.facts(revision: "r", batch: ULID(), counts: counts)
        let alerts = BatchAlerts(
            pipeline: "shop", batch: facts.batch, source: "/millrace/quality/here",
            cause: try Fixture.event(BatchPublished(facts: facts, counts: counts)))
        return try await BatchBounds(
            rules: rules, alerts: alerts, rejects: Rejects(pool), open: open ?? OpenAlerts(pool)
        ).events(facts)
    }

    private func withBounds(_ body: (PostgresPool) async throws -> Void) async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 2, applicationName: "bounds test")
            try await SystemSchema.migrate(pool)
            try await body(pool)
        }
    }
}
