import Events
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
        "are not made of what is no topic, mailbox or web address",
        arguments: [
            ("", Subscription.Channel.email, "a@b"), ("check-*", .email, "a@b"),
            ("*check", .email, "a@b"), ("a*b", .email, "a@b"), ("DROP", .email, "a@b"),
            ("*", .email, "nobody"), ("*", .email, "a@b\r\nBcc: c@d"),
            ("*", .webhook, "ftp://example.org"), ("*", .webhook, "https://user@example.org"),
            ("*", .webhook, "example.org/hook"), ("*", .webhook, "https://a b/"),
        ])
    func mistakes(topic: String, channel: Subscription.Channel, target: String) {
        #expect(Subscription.mistake(topic: topic, channel: channel, target: target) != nil)
    }

    @Test("are made of these", arguments: ["*", "check_*", "batch_refused", "c*"])
    func topics(topic: String) {
        #expect(Subscription.mistake(topic: topic, channel: .email, target: "a@b") == nil)
    }
}
