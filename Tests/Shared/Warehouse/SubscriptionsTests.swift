import Events
import Filters
import Foundation
import Kit
import Postgres
import Testing
import Warehouse

@Suite(
    "Subscriptions", .timeLimit(.minutes(5)),
    .enabled(if: TestWarehouse.isAvailable, Comment(rawValue: TestWarehouse.missing)))
struct SubscriptionsTests {
    private func withSubscriptions(
        _ body: (Subscriptions, PostgresPool) async throws -> Void
    ) async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 2, applicationName: "subscriptions test")
            try await SystemSchema.migrate(pool)
            try await body(Subscriptions(pool), pool)
        }
    }

    @Test("are made, listed and ended; a webhook's comes with its secret")
    func life() async throws {
        try await withSubscriptions { subscriptions, _ in
            let mail = try await subscriptions.create(
                topic: "check_*", pipeline: "goodreads", channel: .email, target: "a@example.org")
            let hook = try await subscriptions.create(
                topic: "*", channel: .webhook, target: "https://example.org/hook")
            #expect(mail.subscription.state == .confirmed)
            #expect(mail.subscription.confirmedBy == "operator")
            #expect(mail.secret == nil)
            #expect(hook.secret?.hasPrefix("whsec_") == true)
            let all = try await subscriptions.list()
            #expect(all == [mail.subscription, hook.subscription])
            #expect(all.map(\.pipeline) == ["goodreads", nil])
            #expect(try await subscriptions.delete(mail.subscription.id.lowercased()))
            #expect(try await !subscriptions.delete(mail.subscription.id))
            #expect(try await subscriptions.list() == [hook.subscription])
        }
    }

    @Test("of the same kind are one, with one secret, and go on when they had been stopped")
    func again() async throws {
        try await withSubscriptions { subscriptions, pool in
            let first = try await subscriptions.create(
                topic: "*", channel: .webhook, target: "https://example.org/hook")
            _ = try await pool.query("update millrace.subscriptions set disabled_at = now()")
            #expect(try await subscriptions.list().first?.disabledAt != nil)
            let second = try await subscriptions.create(
                topic: "*", channel: .webhook, target: "https://example.org/hook")
            #expect(second.secret == first.secret)
            #expect(try await subscriptions.list() == [first.subscription])
        }
    }

    @Test("do not show their secrets to readers")
    func secrets() async throws {
        try await withSubscriptions { _, pool in
            func read(_ columns: String) async throws {
                try await pool.transaction { connection in
                    try await connection.execute("set local role millrace_reader")
                    _ = try await connection.query("select \(columns) from millrace.subscriptions")
                }
            }
            try await read("topic, pipeline, webhook")
            for columns in ["secret", "*"] {
                let error = await #expect(throws: PostgresError.self) { try await read(columns) }
                #expect(error?.sqlState == "42501")
            }
        }
    }

    @Test(
        "of one target and topic are several when their filters differ, and order is no difference")
    func filters() async throws {
        try await withSubscriptions { subscriptions, _ in
            func make(_ topic: String, _ policy: FilterPolicy?) async throws -> String {
                let request = SubscriptionRequest(
                    topic: topic, channel: .webhook, target: "https://example.org/hook",
                    filter: policy, body: .raw)
                return try await subscriptions.create(request, vouchedBy: "me").subscription.id
            }
            let policy = try FilterPolicy(#"{"severity":["critical"]}"#)
            let ids = [
                try await make("rejects,check_*", nil), try await make("check_*, rejects", nil),
                try await make("rejects,check_*", policy),
                try await make("check_*,rejects", policy),
                try await make("check_*,rejects", FilterPolicy(policy.text, scope: .body)),
            ]
            #expect(ids[0] == ids[1])
            #expect(ids[2] == ids[3])
            #expect(Set(ids).count == 3)
            let kept = try #require(try await subscriptions.find(ids[2].lowercased()))
            #expect(kept.topic == "check_*,rejects")
            #expect(kept.filter == policy.text)
            #expect(kept.filterScope == .attributes)
            #expect(kept.body == .raw)
            #expect(try await subscriptions.find("none") == nil)
        }
    }

    @Test("want alerts of their topics and pipeline that their policy lets through")
    func wanting() async throws {
        try await withSubscriptions { subscriptions, pool in
            func make(
                _ name: String, _ topic: String, _ filter: String? = nil,
                _ scope: FilterPolicy.Scope = .attributes, pipeline: String? = nil,
                voucher: String? = "me"
            ) async throws {
                let request = SubscriptionRequest(
                    topic: topic, pipeline: pipeline, channel: .webhook,
                    target: "https://example.org/\(name)",
                    filter: try filter.map { try FilterPolicy($0, scope: scope) })
                _ = try await subscriptions.create(request, vouchedBy: voucher)
            }
            try await make("all", "*")
            try await make("listed", "rejects,check_*")
            try await make("other", "rejects")
            try await make("begin", "check")
            try await make("pipeline", "*", pipeline: "shop")
            try await make("strange", "*", pipeline: "taxi")
            try await make("severe", "*", #"{"severity":["critical"]}"#)
            try await make("mild", "*", #"{"severity":["warning"]}"#)
            try await make("body", "*", #"{"rows":[{"numeric":[">",30]}]}"#, .body)
            try await make("small", "*", #"{"rows":[{"numeric":["<",30]}]}"#, .body)
            try await make("unasked", "*", voucher: nil)
            try await make("disabled", "*")
            _ = try await pool.query(
                """
                update millrace.subscriptions set disabled_at = now()
                where webhook like '%/disabled'
                """)
            let message = FilterMessage(
                attributes: ["severity": .text("critical")], body: Data(#"{"rows":37}"#.utf8))
            let ids = try await pool.transaction {
                try await Subscriptions.wanting(
                    message, topic: "check_failed", pipeline: "shop", $0)
            }
            let names = try await subscriptions.list().filter { ids.contains($0.id) }
                .map { $0.target.split(separator: "/").last ?? "" }
            #expect(Set(names) == ["all", "listed", "pipeline", "severe", "body"])
            #expect(names.count == 5)
        }
    }

    @Test(
        "are not made of what is no topic, mailbox, web address or program",
        arguments: [
            ("", Subscription.Channel.email, "a@b"), ("check-*", .email, "a@b"),
            ("*check", .email, "a@b"), ("a*b", .email, "a@b"), ("DROP", .email, "a@b"),
            ("a,,b", .email, "a@b"), ("a,b c", .email, "a@b"), (",", .email, "a@b"),
            ("*", .email, "nobody"), ("*", .email, "a@b\r\nBcc: c@d"),
            ("*", .webhook, "ftp://example.org"), ("*", .webhook, "https://user@example.org"),
            ("*", .webhook, "example.org/hook"), ("*", .webhook, "https://a b/"),
            ("*", .command, "page-me"), ("*", .command, "/bin/a\nb"),
        ])
    func mistakes(topic: String, channel: Subscription.Channel, target: String) {
        let request = SubscriptionRequest(topic: topic, channel: channel, target: target)
        #expect(request.mistake != nil)
    }

    @Test("are made of these", arguments: ["*", "check_*", "batch_refused", "c*", "a, b_*"])
    func topics(topic: String) {
        let request = SubscriptionRequest(topic: topic, channel: .email, target: "a@b")
        #expect(request.mistake == nil)
    }
}
