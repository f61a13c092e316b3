import Broker
import Events
import Foundation
import Kit
import Lake
import Pipelines
import Postgres
import Synchronization
import Testing
import Warehouse

@testable import notifier

@Suite(
    "What is watched from outside", .timeLimit(.minutes(5)),
    .enabled(if: TestWarehouse.isAvailable, Comment(rawValue: TestWarehouse.missing)))
struct WatchTests {
    @Test("is an alert as long as it can be seen, whoever looks")
    func watched() async throws {
        try await NoticeBench.with { bench in
            let seen = Mutex<[Condition]>([condition("a"), condition("b")])
            let said = RecordingPublisher()
            let watches = (0..<2).map { _ in
                Watching(
                    table: bench.alerts, looks: [{ seen.withLock { $0 } }],
                    context: NotifierBench.context(said))
            }
            for watch in watches { try await watch.look() }
            #expect(try await bench.open() == ["a", "b"])
            seen.withLock { _ = $0.removeFirst() }
            for watch in watches { try await watch.look() }
            #expect(try await bench.open() == ["b"])
            #expect(said.events.map(\.kind) == [.alertRaised, .alertRaised, .alertResolved])
            try await bench.pass(.seconds(2))
            #expect(try await bench.look().count == 1)
        }
    }

    @Test("are runs that failed, until their dataset is published again")
    func failed() async throws {
        try await NoticeBench.with { bench in
            let batch = try await bench.run(.failed, revision: "r1", minutesAgo: 3, rejected: 1)
            let conditions = RunConditions(pool: bench.pool, policy: AlertPolicy(catalog: nil))
            let found = try await conditions.look()
            #expect(found.map(\.key) == ["run_failed:shop.books"])
            #expect(found.first?.command == "millrace show \(batch)")
            _ = try await bench.run(.published, revision: "r1", minutesAgo: 0)
            #expect(try await conditions.look().isEmpty)
        }
    }

    @Test("are runs that are under way for longer than their pipeline says")
    func late() async throws {
        try await NoticeBench.with { bench in
            let catalog = PipelineCatalog(lake: MemoryStore())
            var shop = NoticeBench.shop
            shop.alerts = AlertRules(backlog: 3_600)
            _ = try await catalog.apply(shop)
            _ = try await bench.run(.staged, revision: "r1", minutesAgo: 20)
            let strict = RunConditions(pool: bench.pool, policy: AlertPolicy(catalog: nil))
            #expect(try await strict.look().map(\.topic) == ["backlog"])
            let patient = RunConditions(pool: bench.pool, policy: AlertPolicy(catalog: catalog))
            #expect(try await patient.look().isEmpty)
        }
    }

    @Test("says what its pipeline wants: severity, owner, mute times")
    func policy() async throws {
        try await NoticeBench.with { bench in
            let catalog = PipelineCatalog(lake: MemoryStore())
            var shop = NoticeBench.shop
            shop.alerts = AlertRules(
                owner: "books team", severities: ["check_warned": .critical],
                mutes: [
                    MuteTime(
                        days: Array(1...7), from: "00:00", to: "24:00", zone: "Asia/Tokyo",
                        topics: ["check_warned"])
                ])
            _ = try await catalog.apply(shop)
            var table = bench.alerts
            table.policy = AlertPolicy(catalog: catalog)
            for topic in ["check_warned", "rejects_over", "run_succeeded"] {
                try await table.accept(bench.alert(topic, topic: topic, pipeline: "shop"))
            }
            let alerts = try await AlertStates(bench.pool).list(AlertFilter())
            #expect(alerts.map(\.topic) == ["check_warned", "rejects_over"])
            #expect(alerts.map(\.severity) == ["critical", "warning"])
            #expect(alerts.map(\.state) == ["muted", "active"])
            #expect(alerts.map(\.owner) == ["books team", "books team"])
            try await bench.pass(.seconds(2))
            // Success goes to `*` only where the pipeline says so.
            #expect(try await bench.look() == ["news rejects_over: rejects_over"])
        }
    }

    @Test("says what is other than in the last good run, and a few of the rejects")
    func facts() async throws {
        try await NoticeBench.with { bench in
            let good = try await bench.run(.published, revision: "r1", minutesAgo: 60)
            let bad = try await bench.run(.refused, revision: "r2", minutesAgo: 1, rejected: 7)
            _ = try await bench.pool.query(
                """
                insert into millrace.schema_versions (pipeline, dataset, version, revision,
                    columns, changes, is_evolution, changes_types)
                values ('shop', 'books', 2, 'r2', '[]', '{"column isbn is new"}', true, false)
                """)
            _ = try await bench.pool.query(
                """
                insert into millrace.rejects (pipeline, dataset, batch, object, line, "column",
                    reason, message, stage)
                select 'shop', 'books', '\(bad)', 'o', n, 'rating', 'bad_value', '`x`', 'cast'
                from generate_series(1, 7) as n
                """)
            var alert = bench.alert("a", topic: "batch_refused", pipeline: "shop")
            alert.batch = bad.description
            try await bench.alerts.accept(alert)
            let detail = try #require(
                try await AlertStates(bench.pool).find("a").first
            ).detail
            #expect(
                detail == """
                    d

                    Since the last good run, \(good):
                      revision: r1, now r2
                      rejects: 0, now 7
                      columns: column isbn is new

                    Rejected, for example:
                      line 1: rating: bad_value: `x`
                      line 2: rating: bad_value: `x`
                      line 3: rating: bad_value: `x`
                      line 4: rating: bad_value: `x`
                      line 5: rating: bad_value: `x`
                    """)
        }
    }

    @Test(
        "is a queue that nobody takes from, by the name of its service",
        arguments: [
            ("millrace.loader.work", "loader"), ("millrace.lander.web-1.work", "lander on web-1"),
            ("millrace.schedule", "ingest"), ("millrace.loader.dead", nil),
            ("millrace.notifier.work", nil), ("millrace.delay.15s", nil),
        ])
    func services(queue: String, service: String?) {
        #expect(QueueConditions.service(of: queue) == service)
    }

    private func condition(_ key: String) -> Condition {
        Condition(
            key: key, topic: "service_down", severity: .critical, pipeline: "_", dataset: "_",
            title: key, detail: "", command: "millrace status")
    }
}

extension NoticeBench {
    static let shop = Pipeline(
        name: "shop", description: nil, schema: "shop", parameters: [], datasets: [], models: [])

    func alert(_ id: String, topic: String, pipeline: String) -> Alert {
        Alert(
            id: id, kind: .raised, key: id, topic: topic, severity: .warning, pipeline: pipeline,
            dataset: "books", batch: nil, title: id, detail: "d", command: nil, time: Date())
    }

    /// The keys of what is open.
    func open() async throws -> [String] {
        try await AlertStates(pool).list(AlertFilter()).map(\.key).sorted()
    }

    func run(
        _ state: RunState, revision: String, minutesAgo: Int, rejected: Int = 0
    ) async throws -> ULID {
        let batch = ULID()
        _ = try await pool.query(
            """
            insert into millrace.runs (batch, pipeline, dataset, revision, state, objects, read,
                published, superseded, filtered, rejected, times, started_at, updated_at)
            select '\(batch)', 'shop', 'books', '\(revision)', '\(state.rawValue)', 1, 10,
                \(10 - rejected), 0, 0, \(rejected), '{}', moment, moment
            from (select now() - interval '\(minutesAgo) min' as moment) as t
            """)
        return batch
    }
}
