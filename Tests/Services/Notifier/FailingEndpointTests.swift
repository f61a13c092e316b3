import Broker
import Events
import Foundation
import HTTPServer
import Kit
import Outbound
import Postgres
import Synchronization
import Testing
import Warehouse

@testable import notifier

@Suite(
    "An endpoint that fails", .timeLimit(.minutes(5)),
    .enabled(if: TestWarehouse.isAvailable, Comment(rawValue: TestWarehouse.missing)))
struct FailingEndpointTests {
    /// Fails until it is told otherwise.
    private final class Mood: Sendable {
        private let status = Mutex(500)
        var answer: Int { status.withLock { $0 } }
        func turn(_ new: Int) { status.withLock { $0 = new } }
    }

    private func hook(_ bench: NotifierBench, _ path: String = "/hook") async throws -> String {
        try await bench.subscriptions.create(
            topic: "*", channel: .webhook, target: bench.receiver.url(path)
        ).subscription.id
    }

    @Test("leaves a line for each attempt, with status, answer, error and time")
    func log() async throws {
        try await NotifierBench.with(answer: { _, number in number == 0 ? 503 : 200 }) { bench in
            _ = try await hook(bench)
            try await bench.raise("a1")
            try await eventually { try await bench.states() == ["sent"] }
            let deliveries = Deliveries(bench.pool)
            let delivery = try #require(try await deliveries.list(.init(), limit: 9).first)
            #expect(delivery.attempts == 2)
            #expect(delivery.title == "goodreads.reviews: a1")
            let attempts = try await deliveries.attempts(at: delivery.id)
            #expect(attempts.map(\.outcome) == ["postponed", "sent"])
            #expect(attempts.map(\.code) == [503, 200])
            #expect(attempts.map(\.answer) == ["answer 503", "answer 200"])
            #expect(attempts.map(\.error) == ["the endpoint answered 503", nil])
            #expect(attempts.allSatisfy { ($0.endedAt ?? .distantPast) >= $0.startedAt })
            #expect(try await deliveries.find(String(delivery.id.prefix(12))) == [delivery])
        }
    }

    @Test("gets what it missed when it is sent again: the same id, and all the tries")
    func resend() async throws {
        let mood = Mood()
        try await NotifierBench.with(answer: { _, _ in mood.answer }) { bench in
            let id = try await hook(bench)
            let other = try await hook(bench, "/other")
            for number in 1...3 { try await bench.raise("a\(number)") }
            try await eventually {
                try await bench.states() == Array(repeating: "failed", count: 6)
            }
            let ids = Set(bench.receiver.requests.map { $0.headers["webhook-id"] })
            let deliveries = Deliveries(bench.pool)
            var failed = Deliveries.Filter()
            failed.states = [.failed]
            failed.subscription = id
            #expect(try await deliveries.list(failed, limit: 9).count == 3)
            mood.turn(204)
            failed.since = Date(timeIntervalSinceNow: 60)
            #expect(try await deliveries.resend(failed) == 0)
            failed.since = Date(timeIntervalSinceNow: -600)
            #expect(try await deliveries.resend(failed) == 3)
            try await eventually {
                try await bench.states() == ["failed", "failed", "failed", "sent", "sent", "sent"]
            }
            #expect(Set(bench.receiver.requests.map { $0.headers["webhook-id"] }) == ids)
            var rest = Deliveries.Filter()
            rest.subscription = other
            let one = try #require(try await deliveries.list(rest, limit: 1).first)
            #expect(try await deliveries.resend(.init(), ids: [one.id]) == 1)
            try await eventually { try await deliveries.find(one.id).first?.state == .sent }
        }
    }

    @Test("for long is disabled; the others hear of it, and hear when it is enabled again")
    func disabled() async throws {
        let mood = Mood()
        let rule = DisableRule(after: .zero, deliveries: 3)
        try await NotifierBench.with(rule: rule, answer: { _, _ in mood.answer }) { bench in
            let id = try await hook(bench)
            for number in 1...2 { try await bench.raise("a\(number)") }
            try await eventually { try await bench.states() == ["failed", "failed"] }
            // A success forgives what was before it.
            mood.turn(200)
            try await bench.raise("a3")
            try await eventually { try await bench.states().contains("sent") }
            mood.turn(500)
            for number in 4...5 { try await bench.raise("a\(number)") }
            try await eventually { try await bench.states().count { $0 == "failed" } == 4 }
            #expect(try await bench.subscriptions.list().first?.disabledAt == nil)
            try await bench.raise("a6")
            try await eventually { bench.said.events(of: .alertRaised).count == 1 }
            let event = try #require(bench.said.events(of: .alertRaised).first)
            let alert: AlertRaised = try event.payload()
            #expect(alert.topic == "subscription_disabled")
            #expect(AlertRaised.topics.contains(alert.topic))
            #expect(alert.title == "subscription \(id) is disabled")
            #expect(alert.detail.contains("3 deliveries were given up"))
            #expect(!alert.detail.contains("/hook"))
            #expect(try await bench.subscriptions.list().first?.disabledAt != nil)

            mood.turn(200)
            #expect(try await bench.subscriptions.enable(id.lowercased()))
            var missed = Deliveries.Filter()
            missed.subscription = id
            missed.since = Date(timeIntervalSinceNow: -600)
            #expect(try await Deliveries(bench.pool).resend(missed) == 5)
            try await eventually {
                try await bench.states() == Array(repeating: "sent", count: 6)
            }
            try await eventually { bench.said.events(of: .alertResolved).count == 1 }
            let over = try #require(bench.said.events(of: .alertResolved).first)
            #expect(try over.payload(AlertResolved.self).key == alert.key)
        }
    }

    @Test("that is gone takes what waits for it along, as dead letters")
    func gone() async throws {
        try await NotifierBench.with(answer: { _, _ in 410 }) { bench in
            let id = try await hook(bench)
            _ = try await bench.pool.query(
                "update millrace.subscriptions set next_slot_at = now() + interval '1 h'")
            for number in 1...3 { try await bench.raise("a\(number)") }
            _ = try await bench.pool.query("update millrace.subscriptions set next_slot_at = now()")
            try await eventually { try await bench.states() == ["failed", "failed", "failed"] }
            #expect(bench.receiver.requests.count == 1)
            let failed = try await Deliveries(bench.pool).list(.init(), limit: 9)
            #expect(
                Set(failed.map(\.error)) == [
                    "the endpoint answered 410",
                    "the subscription was disabled: the endpoint answered 410",
                ])
            try await eventually { bench.said.events(of: .alertRaised).count == 1 }
            #expect(try await bench.subscriptions.enable(id))
        }
    }

    @Test("uses up no try when its notifier is killed in the middle")
    func killed() async throws {
        try await NotifierBench.with(answer: { _, number in number < 2 ? 503 : 200 }) { bench in
            _ = try await hook(bench)
            _ = try await bench.pool.query(
                "update millrace.subscriptions set next_slot_at = now() + interval '1 h'")
            try await bench.raise("a1")
            // As five killed notifiers leave it.
            _ = try await bench.pool.query("update millrace.deliveries set attempts = 5")
            _ = try await bench.pool.query("update millrace.subscriptions set next_slot_at = now()")
            try await eventually { try await bench.states() == ["sent"] }
            let row = try await bench.row("select attempts, tries from millrace.deliveries")
            #expect(row?["attempts"] == "8")
            #expect(row?["tries"] == "3")
        }
    }
}
