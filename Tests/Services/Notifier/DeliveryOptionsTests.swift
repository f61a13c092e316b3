import Events
import Foundation
import HTTPServer
import Kit
import Outbound
import Postgres
import Testing
import Warehouse

@testable import notifier

@Suite(
    "How a subscription is delivered to", .timeLimit(.minutes(5)),
    .enabled(if: TestWarehouse.isAvailable, Comment(rawValue: TestWarehouse.missing)))
struct DeliveryOptionsTests {
    private func hook(
        _ bench: NotifierBench, _ path: String = "/hook", _ options: DeliveryOptions = .init()
    ) async throws -> (id: String, secret: WebhookSecret) {
        let made = try await bench.subscriptions.create(
            topic: "*", channel: .webhook, target: bench.receiver.url(path))
        #expect(try await bench.subscriptions.set(options, of: made.subscription.id))
        return (made.subscription.id, try #require(made.secret.flatMap(WebhookSecret.init)))
    }

    @Test("follows its own retries and not the notifier's")
    func retries() async throws {
        try await NotifierBench.with(answer: { _, _ in 500 }) { bench in
            let policy = try DeliveryPolicy(
                json: #"{"healthyRetryPolicy": {"numRetries": 5, "numNoDelayRetries": 5}}"#)
            _ = try await hook(bench, "/six", DeliveryOptions(policy: policy))
            _ = try await hook(bench, "/three")
            try await bench.raise("a1")
            try await eventually { try await bench.states() == ["failed", "failed"] }
            let paths = bench.receiver.requests.map(\.path)
            #expect(paths.count { $0 == "/six" } == 6)
            #expect(paths.count { $0 == "/three" } == 3)
        }
    }

    @Test("keeps to its throttle, holds nobody else up, and drains what has piled up")
    func throttle() async throws {
        try await NotifierBench.with { bench in
            let policy = DeliveryPolicy(throttle: .perSecond(10))
            _ = try await hook(bench, "/slow", DeliveryOptions(policy: policy))
            _ = try await hook(bench, "/free")
            let start = Date()
            for number in 0..<20 { try await bench.raise("a\(number)") }
            try await eventually {
                try await bench.states() == Array(repeating: "sent", count: 40)
            }
            // Twenty are nineteen gaps of a tenth of a second.
            #expect(Date().timeIntervalSince(start) >= 1.9)
            let rows = try await bench.pool.query(
                """
                select extract(epoch from started_at) as at from millrace.delivery_attempts
                    join millrace.deliveries using (delivery_id)
                    join millrace.subscriptions using (subscription_id)
                where webhook like '%/slow' order by started_at
                """)
            let times = rows.compactMap { $0["at"].flatMap(Double.init) }
            #expect(times.count == 20)
            #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= 0.099 })
        }
    }

    @Test("reaches inside by a permission of its own, which is nobody else's")
    func allowed() async throws {
        try await NotifierBench.with(allowed: []) { bench in
            _ = try await hook(bench, "/mine", DeliveryOptions(allowed: ["127.0.0.0/8"]))
            // The same server: a connection that is open is not a permission.
            _ = try await hook(bench, "/other")
            for number in 0..<10 { try await bench.raise("a\(number)") }
            try await eventually {
                try await bench.states()
                    == Array(repeating: "failed", count: 10) + Array(repeating: "sent", count: 10)
            }
            #expect(Set(bench.receiver.requests.map(\.path)) == ["/mine"])
        }
    }

    @Test(
        "may name networks inside, and no others",
        arguments: [
            ("127.0.0.0/8", true), ("10.1.0.0/16", true), ("192.168.7.5", true), ("fd00::/8", true),
            ("::1", true), ("100.64.0.0/10", true), ("0.0.0.0/0", false), ("::/0", false),
            ("169.254.169.254", false), ("169.254.0.0/16", false), ("8.8.8.8", false),
            ("fe80::/10", false), ("localhost", false), ("10.1.2.3/8", false),
            ("10.0.0.0/7", false),
        ])
    func networks(text: String, isAllowed: Bool) {
        #expect((DeliveryOptions(allowed: [text]).mistake == nil) == isAllowed)
    }

    @Test("signs with both secrets while one is being replaced, then with the new one alone")
    func rotation() async throws {
        try await NotifierBench.with { bench in
            let (id, old) = try await hook(bench)
            let new = try #require(
                try await bench.subscriptions.rotate(id).flatMap(WebhookSecret.init))
            try await bench.raise("a1")
            try await eventually { bench.receiver.requests.count == 1 }
            _ = try await bench.pool.query(
                "update millrace.subscriptions set previous_secret_until = now()")
            try await bench.raise("a2")
            try await eventually { bench.receiver.requests.count == 2 }
            let verified = bench.receiver.requests.map { request in
                [old, new].map { secret in
                    WebhookSignature.verify(
                        id: request.headers["webhook-id"] ?? "",
                        timestamp: request.headers["webhook-timestamp"] ?? "",
                        signature: request.headers["webhook-signature"] ?? "", body: request.body,
                        secret: secret)
                }
            }
            #expect(verified == [[true, true], [false, true]])
            #expect(try await bench.subscriptions.rotate("01NOBODY") == nil)
        }
    }
}
