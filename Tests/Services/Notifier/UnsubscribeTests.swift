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
    "A subscriber who leaves", .timeLimit(.minutes(5)),
    .enabled(if: TestWarehouse.isAvailable, Comment(rawValue: TestWarehouse.missing)))
struct UnsubscribeTests {
    @Test("does so by a second click, and comes back only by a new confirmation")
    func life() async throws {
        try await SubscriberBench.with { bench in
            let one = try await bench.subscribe()
            let old = try await bench.askedLink()
            _ = try await bench.open(old, .post)
            let link = try #require(bench.links.unsubscribe(one.id))
            for method in [HTTPRequest.Method.get, .head] {
                #expect(try await bench.open(link, method).status == 200)
            }
            let page = String(decoding: try await bench.open(link).body, as: UTF8.self)
            #expect(page.contains("<button type=\"submit\">Unsubscribe</button>"))
            #expect(try await bench.state(one.id) == .confirmed)
            #expect(try await bench.open(link, .post).status == 200)
            #expect(try await bench.state(one.id) == .unsubscribed)
            // Once more is no mistake.
            #expect(try await bench.open(link, .post).status == 200)
            #expect(try await bench.open(old, .post).status == 410)
            try await comeBack(one.id, bench)
        }
    }

    private func comeBack(_ id: String, _ bench: SubscriberBench) async throws {
        for attempt in 0..<2 {
            let error = await #expect(throws: HandlingError.self) {
                _ = try await bench.subscriptions.vouch(id, by: "me")
            }
            #expect(error?.errorClass == "subscription.unsubscribed")
            await #expect(throws: HandlingError.self) {
                _ = try await bench.subscriptions.create(
                    topic: "check_*", channel: .email, target: "reader@example.org")
            }
            if attempt > 0 { break }
            try await bench.run(
                "update millrace.confirmations set sent_at = sent_at - interval '2 min'")
            #expect(try await bench.subscribe().id == id)
            #expect(try await bench.state(id) == .pending)
        }
        let link = try await bench.askedLink()
        #expect(try await bench.state(id) == .pending)
        #expect(try await bench.open(link, .post).status == 200)
        #expect(try await bench.state(id) == .confirmed)
    }

    @Test("does so by one POST of the mail program (RFC 8058)")
    func oneClick() async throws {
        try await SubscriberBench.with { bench in
            let one = try await bench.subscribe()
            #expect(try await bench.subscriptions.vouch(one.id, by: "me"))
            let sender = MailSender(
                client: MailClient(try MailServer(url: bench.mailbox.url, encryption: .off)),
                sender: try #require(MailAddress("ops@example.org")),
                unsubscribe: { bench.links.unsubscribe($0) })
            let alert = Alert(
                id: "a1", kind: .raised, key: "k", topic: "rejects", severity: .info,
                pipeline: "p", dataset: "d", batch: nil, title: "t", detail: "", command: nil,
                time: Date())
            let recipient = try #require(MailAddress(one.target))
            let delivery = Delivery(
                id: "msg_1", subscription: one.id, target: .email(recipient), alert: alert,
                attempts: 1, tries: 0, retries: nil, gap: .zero, thread: nil)
            #expect(try await sender.send(delivery, to: recipient).outcome.isSent)
            let mail = try #require(bench.mailbox.mails.first)
            #expect(mail.header("List-Unsubscribe-Post") == "List-Unsubscribe=One-Click")
            let header = try #require(mail.header("List-Unsubscribe"))
            let link = String(header.dropFirst().dropLast())
            #expect(header == "<\(link)>")
            #expect(mail.text.contains("To get no more of these: \(link)"))
            let answer = try await bench.open(link, .post, body: "List-Unsubscribe=One-Click")
            #expect(answer.status == 200)
            #expect(try await bench.state(one.id) == .unsubscribed)
        }
    }

    @Test("cannot be another: a link is signed for one subscription")
    func forged() async throws {
        try await SubscriberBench.with { bench in
            let one = try await bench.subscribe()
            let other = try await bench.subscribe(mail: "other@example.org")
            #expect(try await bench.subscriptions.vouch(one.id, by: "me"))
            let link = try #require(bench.links.unsubscribe(other.id))
            let stranger = SubscriptionLinks(
                url: bench.links.url, key: LinkKey(String(repeating: "k", count: 40)))
            for wrong in [
                link.replacing(other.id, with: one.id), try #require(stranger.unsubscribe(one.id)),
                String(link.dropLast()),
            ] {
                #expect(try await bench.open(wrong, .post).status == 404)
            }
            #expect(try await bench.state(one.id) == .confirmed)
            #expect(try await bench.state(other.id) == .pending)
            // A subscription that is gone needs no leaving.
            #expect(try await bench.subscriptions.delete(other.id))
            #expect(try await bench.open(link, .post).status == 200)
        }
    }

    @Test("gets nothing more, not even what was on its way")
    func nothingMore() async throws {
        try await NotifierBench.with(answer: { _, _ in 503 }) { bench in
            let made = try await bench.subscriptions.create(
                topic: "*", channel: .webhook, target: bench.receiver.url())
            try await bench.pool.transaction { connection in
                try await connection.run(
                    """
                    insert into millrace.alerts (alert_id, kind, key, topic, severity, pipeline, dataset,
                        title, detail, raised_at)
                    values ('later', 'raised', 'k', 'rejects', 'info', 'p', 'd', 't', '', now())
                    """)
                try await connection.run(
                    """
                    insert into millrace.deliveries (delivery_id, subscription_id, alert_id, state,
                        next_attempt_at)
                    values ('msg_later', $1, 'later', 'pending', now() + interval '1 h')
                    """, [made.subscription.id])
            }
            _ = try await bench.subscriptions.unsubscribe(made.subscription.id)
            #expect(try await bench.states() == ["failed"])
            try await bench.raise("a1")
            #expect(try await bench.states() == ["failed"])
            let row = try await bench.row("select last_error from millrace.deliveries")
            #expect(row?["last_error"] == "the subscriber has left")
            #expect(bench.receiver.requests.isEmpty)
        }
    }
}
