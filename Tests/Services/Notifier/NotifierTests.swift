import Broker
import Events
import Foundation
import HTTPServer
import Kit
import Outbound
import Postgres
import Stack
import Testing
import Warehouse

@testable import notifier

@Suite(
    "The notifier", .timeLimit(.minutes(5)),
    .enabled(if: TestWarehouse.isAvailable, Comment(rawValue: TestWarehouse.missing)))
struct NotifierTests {
    @Test("tells by mail and by a webhook that the receiver can verify")
    func both() async throws {
        try await NotifierBench.with { bench in
            _ = try await bench.subscriptions.create(
                topic: "*", channel: .email, target: "reader@example.org")
            let hook = try await bench.subscriptions.create(
                topic: "check_*", channel: .webhook, target: bench.receiver.url())
            try await bench.raise("a1")
            try await eventually { try await bench.states() == ["sent", "sent"] }
            let mail = try #require(bench.mailbox.mails.first)
            #expect(mail.subject == "[millrace] warning goodreads.reviews: a1")
            #expect(mail.text.contains("ü, 37 rows"))
            let request = try #require(bench.receiver.requests.first)
            let secret = try #require(hook.secret.flatMap { WebhookSecret($0) })
            let headers = request.headers
            #expect(headers["content-type"] == "application/json")
            #expect(
                WebhookSignature.verify(
                    id: headers["webhook-id"] ?? "", timestamp: headers["webhook-timestamp"] ?? "",
                    signature: headers["webhook-signature"] ?? "", body: request.body,
                    secret: secret))
            let text = String(decoding: request.body, as: UTF8.self)
            #expect(text.contains(#""type":"io.millrace.alert.raised.v1""#))
            #expect(text.contains(#""title":"goodreads.reviews: a1""#))
            try await eventually { bench.said.events(of: .deliverySent).count == 2 }
        }
    }

    @Test("tells each subscriber once, however often the alert comes")
    func once() async throws {
        try await NotifierBench.with { bench in
            _ = try await bench.subscriptions.create(
                topic: "*", channel: .webhook, target: bench.receiver.url())
            for _ in 0..<3 { try await bench.raise("a1") }
            try await bench.raise("a2")
            try await eventually { try await bench.states() == ["sent", "sent"] }
            #expect(bench.receiver.requests.count == 2)
        }
    }

    @Test("tells what was subscribed to: topics by name or beginning, and one pipeline")
    func topics() async throws {
        try await NotifierBench.with { bench in
            for (path, topic, pipeline) in [
                ("/all", "*", nil), ("/exact", "rejects_over", nil), ("/prefix", "check_*", nil),
                ("/other", "*", "taxi"), ("/own", "*", "goodreads"),
            ] {
                _ = try await bench.subscriptions.create(
                    topic: topic, pipeline: pipeline, channel: .webhook,
                    target: bench.receiver.url(path))
            }
            try await bench.raise("a1", topic: "rejects_over")
            try await bench.raise("a2", topic: "check_failed")
            try await bench.raise("a3", topic: "checks")
            try await eventually {
                try await bench.states() == Array(repeating: "sent", count: 8)
            }
            let paths = bench.receiver.requests.map(\.path)
            let counts = Dictionary(grouping: paths) { $0 }.mapValues(\.count)
            #expect(counts == ["/all": 3, "/own": 3, "/exact": 1, "/prefix": 1])
        }
    }

    @Test("tries again with the same id and body, signed anew")
    func retries() async throws {
        try await NotifierBench.with(answer: { _, number in number < 2 ? 503 : 200 }) { bench in
            _ = try await bench.subscriptions.create(
                topic: "*", channel: .webhook, target: bench.receiver.url())
            try await bench.raise("a1")
            try await eventually { try await bench.states() == ["sent"] }
            let requests = bench.receiver.requests
            #expect(requests.count == 3)
            #expect(Set(requests.map { $0.headers["webhook-id"] }).count == 1)
            #expect(Set(requests.map(\.body)).count == 1)
            let row = try #require(
                try await bench.row("select attempts, response_code from millrace.deliveries"))
            #expect(row["attempts"] == "3")
            #expect(row["response_code"] == "200")
        }
    }

    @Test("gives up after the last planned try, and says so")
    func gaveUp() async throws {
        try await NotifierBench.with(answer: { _, _ in 500 }) { bench in
            _ = try await bench.subscriptions.create(
                topic: "*", channel: .webhook, target: bench.receiver.url())
            try await bench.raise("a1")
            try await eventually { bench.said.events(of: .deliveryFailed).count == 1 }
            #expect(try await bench.states() == ["failed"])
            #expect(bench.receiver.requests.count == 3)
            let event = try #require(bench.said.events(of: .deliveryFailed).first)
            let failed: DeliveryFailed = try event.payload()
            #expect(failed.attempts == 3)
            #expect(failed.reason == "the endpoint answered 500")
        }
    }

    @Test("does not insist on what was refused", arguments: [302, 400, 403, 404])
    func refused(status: Int) async throws {
        try await NotifierBench.with(answer: { _, _ in status }) { bench in
            _ = try await bench.subscriptions.create(
                topic: "*", channel: .webhook, target: bench.receiver.url())
            try await bench.raise("a1")
            try await eventually { try await bench.states() == ["failed"] }
            #expect(bench.receiver.requests.count == 1)
        }
    }

    @Test("ends the subscription of an endpoint that is gone")
    func gone() async throws {
        try await NotifierBench.with(answer: { _, _ in 410 }) { bench in
            _ = try await bench.subscriptions.create(
                topic: "*", channel: .webhook, target: bench.receiver.url())
            try await bench.raise("a1")
            try await eventually { try await bench.states() == ["failed"] }
            #expect(try await bench.subscriptions.list().first?.disabledAt != nil)
            try await bench.raise("a2")
            #expect(try await bench.states() == ["failed"])
            #expect(bench.receiver.requests.count == 1)
        }
    }

    @Test("does not reach inside unless the operator allows it")
    func guarded() async throws {
        try await NotifierBench.with(allowed: []) { bench in
            _ = try await bench.subscriptions.create(
                topic: "*", channel: .webhook, target: bench.receiver.url())
            try await bench.raise("a1")
            try await eventually { try await bench.states() == ["failed"] }
            #expect(bench.receiver.requests.isEmpty)
            let row = try await bench.row("select last_error from millrace.deliveries")
            #expect(row?["last_error"]?.contains("`webhook-allow` can permit it") == true)
        }
    }

    @Test("says what is missing when there is no mail server")
    func noMail() async throws {
        try await NotifierBench.with(hasMail: false) { bench in
            _ = try await bench.subscriptions.create(
                topic: "*", channel: .email, target: "reader@example.org")
            try await bench.raise("a1")
            try await eventually { try await bench.states() == ["failed"] }
            let row = try await bench.row("select last_error from millrace.deliveries")
            #expect(row?["last_error"]?.contains("MILLRACE_SMTP_URL") == true)
        }
    }

    @Test("lets a slow endpoint keep nobody else waiting")
    func slow() async throws {
        let slow: Receiver.Answer = { path, _ in
            // Until the test is over.
            if path == "/slow" { try? await Task.sleep(for: .seconds(30)) }
            return 200
        }
        try await NotifierBench.with(answer: slow) { bench in
            for path in ["/slow", "/quick"] {
                _ = try await bench.subscriptions.create(
                    topic: "*", channel: .webhook, target: bench.receiver.url(path))
            }
            for number in 0..<20 { try await bench.raise("a\(number)") }
            try await eventually(within: .seconds(8)) {
                bench.receiver.requests.filter { $0.path == "/quick" }.count == 20
            }
            #expect(bench.receiver.requests.filter { $0.path == "/slow" }.count == 1)
        }
    }

    @Test("shares the work with others of its kind, and nothing is sent twice")
    func several() async throws {
        try await NotifierBench.with(notifiers: 3) { bench in
            for number in 0..<4 {
                _ = try await bench.subscriptions.create(
                    topic: "*", channel: .webhook, target: bench.receiver.url("/\(number)"))
            }
            for number in 0..<10 { try await bench.raise("a\(number)") }
            try await eventually {
                try await bench.states() == Array(repeating: "sent", count: 40)
            }
            let ids = bench.receiver.requests.compactMap { $0.headers["webhook-id"] }
            #expect(ids.count == 40)
            #expect(Set(ids).count == 40)
        }
    }

    @Test("takes over what a killed one had in hand, and nothing of one that lives")
    func lease() async throws {
        try await NotifierBench.with { bench in
            for number in 1...2 {
                _ = try await bench.subscriptions.create(
                    topic: "*", channel: .webhook, target: bench.receiver.url("/\(number)"))
            }
            try await bench.pool.with { other in
                // As another notifier that lives, and one that was killed, have them in hand.
                try await other.run("select pg_advisory_lock(4242)")
                try await other.run(
                    """
                    update millrace.subscriptions set leased_until = now() + interval '1 h',
                        leased_by = case when webhook like '%/1' then 4242 else 4243 end
                    """)
                try await bench.raise("a1")
                try await eventually { try await bench.states() == ["pending", "sent"] }
                #expect(bench.receiver.requests.map(\.path) == ["/2"])
                try await other.run("select pg_advisory_unlock(4242)")
                try await eventually { try await bench.states() == ["sent", "sent"] }
            }
        }
    }

    @Test("tells when an alert is over, and remembers since when")
    func resolved() async throws {
        try await NotifierBench.with { bench in
            _ = try await bench.subscriptions.create(
                topic: "*", channel: .email, target: "reader@example.org")
            try await bench.raise("a1", key: "k1", at: Date(timeIntervalSinceNow: -10))
            try await bench.raise("a2", key: "k2", at: Date(timeIntervalSinceNow: -10))
            let over = AlertResolved(
                key: "k1", topic: "check_warned", pipeline: "goodreads", dataset: "reviews",
                title: "goodreads.reviews: passes again")
            _ = try await bench.handler.handle(
                Event(over, id: "a1.over", from: "/millrace/test/here"))
            try await eventually { bench.mailbox.mails.count == 3 }
            #expect(
                bench.mailbox.mails.contains {
                    $0.subject == "[millrace] resolved goodreads.reviews: passes again"
                })
            let open = try await bench.pool.query(
                "select alert_id from millrace.alerts where kind = 'raised' and resolved_at is null"
            )
            #expect(open.map { $0["alert_id"] } == ["a2"])
        }
    }
}
