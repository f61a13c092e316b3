import Events
import Foundation
import HTTPServer
import Kit
import Postgres
import Testing
import Warehouse

@testable import notifier

@Suite(
    "Alerts of a group", .timeLimit(.minutes(5)),
    .enabled(if: TestWarehouse.isAvailable, Comment(rawValue: TestWarehouse.missing)))
struct NoticeTests {
    @Test("are told together, the worst leading, and each once")
    func grouped() async throws {
        try await NoticeBench.with { bench in
            try await bench.raise("a1", key: "k1")
            try await bench.raise("a2", key: "k2", severity: .critical)
            try await bench.raise("a3", key: "k3", dataset: "books")
            #expect(try await bench.look().isEmpty, "the wait is not over")
            try await bench.pass(.seconds(2))
            #expect(try await bench.look() == ["news a2: a1 a2", "news a3: a3"])
            #expect(try await bench.look().isEmpty)
        }
    }

    @Test("that come later wait for the interval, and are told with how often they came")
    func interval() async throws {
        try await NoticeBench.with { bench in
            try await bench.raise("a1", key: "k1")
            try await bench.pass(.seconds(2))
            #expect(try await bench.look() == ["news a1: a1"])
            for id in ["a2", "a3", "a4"] { try await bench.raise(id, key: "k1") }
            try await bench.raise("b1", key: "k2")
            try await bench.pass(.seconds(40))
            #expect(try await bench.look().isEmpty)
            try await bench.pass(.seconds(20))
            #expect(try await bench.look() == ["news b1: a4×3 b1"])
        }
    }

    @Test("are told again while they are not over, and not when they are")
    func repeated() async throws {
        try await NoticeBench.with { bench in
            try await bench.raise("a1", key: "k1")
            try await bench.pass(.seconds(2))
            _ = try await bench.look()
            try await bench.pass(.seconds(3 * 3_600))
            #expect(try await bench.look().isEmpty)
            try await bench.pass(.seconds(3_601))
            #expect(try await bench.look() == ["repeat a1: a1"])
            try await bench.resolve("r1", key: "k1")
            try await bench.pass(.seconds(60))
            #expect(try await bench.look() == ["news r1: r1"])
            try await bench.pass(.seconds(5 * 3_600))
            #expect(try await bench.look().isEmpty)
            #expect(try await bench.count("alert_groups") == 0)
            #expect(try await bench.count("group_alerts") == 0)
        }
    }

    @Test("are over for those who heard of them, once, whatever comes twice or in another order")
    func resolvedOnce() async throws {
        try await NoticeBench.with { bench in
            try await bench.resolve("r0", key: "k1", at: -100)
            #expect(try await bench.count("group_alerts") == 0, "nobody has heard of it")
            try await bench.raise("a1", key: "k1", at: -50)
            try await bench.pass(.seconds(2))
            #expect(try await bench.look() == ["news a1: a1"])
            for _ in 0..<2 { try await bench.resolve("r1", key: "k1", at: -40) }
            try await bench.resolve("r2", key: "k1", at: -30)
            // It was raised before, and its word was late: it is over all the same.
            try await bench.raise("a0", key: "k1", at: -45)
            try await bench.pass(.seconds(60))
            #expect(try await bench.look() == ["news r1: r1"])
            let open = try await AlertStates(bench.pool).list(AlertFilter())
            #expect(open.isEmpty)
        }
    }

    @Test("that only say what happened are told each, and are never open")
    func moments() async throws {
        try await NoticeBench.with { bench in
            for id in ["s1", "s2"] { try await bench.raise(id, key: "k", topic: "schema_changed") }
            try await bench.pass(.seconds(2))
            #expect(try await bench.look() == ["news s2: s1 s2"])
            #expect(try await bench.count("group_alerts") == 0)
            #expect(try await AlertStates(bench.pool).list(AlertFilter()).isEmpty)
        }
    }

    @Test("wait while they are silenced, and are told when the silence ends")
    func silenced() async throws {
        try await NoticeBench.with { bench in
            let silences = Silences(bench.pool)
            let matchers = try [Silence.Matcher("dataset=reviews"), .init("topic=~check_.*")]
            try await bench.raise("a1", key: "k1")
            let (silence, fitting) = try await silences.add(
                matchers, from: Date(timeIntervalSinceNow: -1),
                until: Date(timeIntervalSinceNow: 3_600), who: "ann", comment: "moving")
            #expect(fitting == 1)
            try await bench.raise("a2", key: "k2", dataset: "books")
            try await bench.raise("a3", key: "k3")
            try await bench.pass(.seconds(2))
            #expect(try await bench.look() == ["news a2: a2"])
            let states = try await AlertStates(bench.pool).list(AlertFilter())
            #expect(states.map(\.state).sorted() == ["active", "silenced", "silenced"])
            // Over before anybody was told: no news any more.
            try await bench.resolve("r3", key: "k3")
            #expect(try await silences.expire(silence.id))
            #expect(try await !silences.expire(silence.id))
            try await bench.pass(.seconds(11))
            #expect(try await bench.look() == ["news a1: a1"])
        }
    }

    @Test("wait while their dataset is down, which is told")
    func inhibited() async throws {
        try await NoticeBench.with { bench in
            try await bench.raise("up", key: "u", topic: "batch_refused", severity: .critical)
            try await bench.raise("row", key: "k1")
            try await bench.raise("other", key: "k2", dataset: "books")
            try await bench.pass(.seconds(2))
            #expect(try await bench.look() == ["news other: other", "news up: up"])
            try await bench.resolve("over", key: "u")
            try await bench.pass(.seconds(60))
            #expect(try await bench.look() == ["news over: over", "news row: row"])
        }
    }

    @Test(
        "wait in mute times, which a time zone and the next day are part of",
        arguments: [
            // 2026-11-20 is a Friday.
            (#"{"days":[5],"from":"22:00","to":"06:00","zone":"Europe/Berlin"}"#, "21:30", true),
            (#"{"days":[5],"from":"22:00","to":"06:00","zone":"Europe/Berlin"}"#, "20:59", false),
            (#"{"days":[4],"from":"22:00","to":"06:00","zone":"Europe/Berlin"}"#, "04:59", true),
            (#"{"days":[4],"from":"22:00","to":"06:00","zone":"Europe/Berlin"}"#, "05:00", false),
            (#"{"days":[5],"from":"00:00","to":"24:00","zone":"UTC"}"#, "23:59", true),
            (#"{"days":[6,7],"from":"00:00","to":"24:00","zone":"Asia/Tokyo"}"#, "15:00", true),
            (#"{"days":[6,7],"from":"00:00","to":"24:00","zone":"Asia/Tokyo"}"#, "14:59", false),
        ])
    func muted(mute: String, time: String, isMuted: Bool) async throws {
        try await NoticeBench.with { bench in
            let row = try await bench.pool.query(
                "select millrace.is_mute_time($1::jsonb, ('2026-11-20 ' || $2 || 'Z')::timestamptz) as m",
                ["[\(mute)]", time])
            #expect(row.first?.boolean("m") == isMuted)
        }
    }

    @Test("are gathered for a digest until its time")
    func digest() async throws {
        try await NoticeBench.with { bench in
            let subscriptions = Subscriptions(bench.pool)
            let id = try #require(try await subscriptions.list().first).id
            #expect(try await subscriptions.set(Digest(["daily", "07:00", "Asia/Tokyo"]), of: id))
            #expect(try await subscriptions.set(Digest(["hourly"]), of: id))
            #expect(throws: HandlingError.self) { try Digest(["daily", "7"]) }
            for dataset in ["a", "b"] {
                try await bench.raise(dataset, key: dataset, dataset: dataset)
            }
            try await bench.pass(.seconds(2))
            let due = try await bench.pool.query(
                "select bool_and(due_at > now() - interval '3 s') as later from millrace.alert_groups"
            )
            #expect(due.first?.boolean("later") == true)
            try await bench.pass(.seconds(3_600))
            #expect(try await bench.look() == ["digest b: a b"])
        }
    }

    @Test("of a day in which nobody told are one digest: what there is, its order and age")
    func backlog() async throws {
        try await NoticeBench.with { bench in
            let start = -86_400.0
            try await bench.flood(50_000, datasets: 100, from: start)
            try await bench.pass(.seconds(2))
            _ = try await bench.look()
            let row = try #require(
                try await bench.pool.query("select * from millrace.deliveries").first)
            #expect(try row.integer("alert_count") == 50_000)
            #expect(row["reason"] == "digest")
            #expect(try await bench.count("deliveries") == 1)
            let kept = try #require(
                try await bench.pool.query(
                    "select \(Notice.columns) from millrace.deliveries as d"
                ).first)
            let notice = try Notice(row: kept)
            #expect(notice.items.map(\.id) == (0..<100).map { String(format: "f%05d", $0) })
            #expect(notice.lines[0].contains("24 h before this was sent"))
            #expect(notice.lines.last == "… and 49900 more: millrace alerts --all")
            #expect(try await bench.look().isEmpty)
        }
    }

    @Test("are told once by notifiers side by side")
    func several() async throws {
        let grouping = Grouping(wait: .milliseconds(50), interval: .milliseconds(100))
        try await NotifierBench.with(notifiers: 3, grouping: grouping) { bench in
            for number in 0..<10 {
                _ = try await bench.subscriptions.create(
                    topic: "*", channel: .webhook, target: bench.receiver.url("/\(number)"))
            }
            for number in 0..<20 { try await bench.raise("a\(number)", key: "k\(number)") }
            let told = """
                select subscription_id, item ->> 'id' as id from millrace.deliveries,
                    jsonb_array_elements(alerts) as item where state = 'sent'
                """
            try await eventually { try await bench.pool.query(told).count >= 200 }
            let rows = try await bench.pool.query(told)
            #expect(Set(rows.map { "\($0.values)" }).count == 200)
            #expect(rows.count == 200, "each once")
            let requests = bench.receiver.requests.compactMap { $0.headers["webhook-id"] }
            #expect(requests.count == Set(requests).count)
        }
    }
}
