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
    "A subscriber", .timeLimit(.minutes(5)),
    .enabled(if: TestWarehouse.isAvailable, Comment(rawValue: TestWarehouse.missing)))
struct ConfirmationTests {
    @Test("gets no alert before they have confirmed, and those that come later")
    func nothingBefore() async throws {
        try await NotifierBench.with { bench in
            let mail = try await bench.subscriptions.create(
                SubscriptionRequest(topic: "*", channel: .email, target: "a@example.org"))
            _ = try await bench.subscriptions.create(
                SubscriptionRequest(
                    topic: "*", channel: .webhook, target: bench.receiver.url("/asked")))
            _ = try await bench.subscriptions.create(
                topic: "*", channel: .webhook, target: bench.receiver.url("/sure"))
            try await bench.raise("a1")
            try await eventually { bench.receiver.requests.map(\.path) == ["/sure"] }
            #expect(bench.mailbox.mails.isEmpty)
            #expect(try await bench.subscriptions.vouch(mail.subscription.id, by: "me"))
            try await bench.raise("a2")
            try await eventually {
                bench.mailbox.mails.count == 1 && bench.receiver.requests.count == 2
            }
            #expect(bench.mailbox.mails.first?.subject.contains("a2") == true)
            #expect(Set(bench.receiver.requests.map(\.path)) == ["/sure"])
        }
    }

    @Test("confirms by the button behind a mail's link, which works once")
    func mail() async throws {
        try await SubscriberBench.with { bench in
            let one = try await bench.subscribe()
            #expect(one.state == .pending)
            let link = try await bench.askedLink()
            let mail = try #require(bench.mailbox.mails.first)
            #expect(mail.recipients == ["reader@example.org"])
            #expect(mail.header("Auto-Submitted") == "auto-generated")
            // A program that looks for bad links opens it, and asks for its head.
            for method in [HTTPRequest.Method.get, .head, .get] {
                #expect(try await bench.open(link, method).status == 200)
            }
            #expect(try await bench.state(one.id) == .pending)
            let page = String(decoding: try await bench.open(link).body, as: UTF8.self)
            #expect(page.contains("<form method=\"post\"><button type=\"submit\">Confirm</button>"))
            #expect(page.contains("check_* are to be sent to reader@example.org"))
            #expect(try await bench.open(link, .post).status == 200)
            let confirmed = try #require(try await bench.subscriptions.find(one.id))
            #expect(confirmed.state == .confirmed)
            #expect(confirmed.confirmedBy == "link")
            for method in [HTTPRequest.Method.get, .post] {
                let again = try await bench.open(link, method)
                #expect(again.status == 410)
                #expect(String(decoding: again.body, as: UTF8.self).contains("used already"))
            }
            try await bench.asking.ask()
            #expect(bench.mailbox.mails.count == 1)
        }
    }

    @Test("is refused with a wrong token and with an old one, in words that help")
    func refused() async throws {
        try await SubscriberBench.with { bench in
            let one = try await bench.subscribe()
            let link = try await bench.askedLink()
            for wrong in [
                link.dropLast() + "~", link.split(separator: "?")[0] + "?token=",
                link.split(separator: "?")[0] + "",
            ] {
                let answer = try await bench.open(String(wrong), .post)
                #expect(answer.status == 404)
                #expect(String(decoding: answer.body, as: UTF8.self).contains("not known"))
            }
            try await bench.run("update millrace.confirmations set expires_at = now()")
            let answer = try await bench.open(link, .post)
            #expect(answer.status == 410)
            #expect(String(decoding: answer.body, as: UTF8.self).contains("too old"))
            #expect(try await bench.state(one.id) == .pending)
        }
    }

    @Test("finds pages that no script, frame, cache or other site has a part in")
    func pages() async throws {
        try await SubscriberBench.with { bench in
            _ = try await bench.subscribe(
                mail: "a&b'<x>@example.org".filter { $0 != "<" && $0 != ">" })
            let link = try await bench.askedLink()
            let page = try await bench.open(link)
            #expect(page.header("content-security-policy")?.hasPrefix("default-src 'none'") == true)
            #expect(page.header("referrer-policy") == "no-referrer")
            #expect(page.header("cache-control") == "no-store")
            #expect(page.header("content-type") == "text/html; charset=utf-8")
            #expect(String(decoding: page.body, as: UTF8.self).contains("a&amp;b'x@example.org"))
            let refused = try await bench.open(link, .delete)
            #expect(refused.status == 405)
            #expect(refused.header("allow") == "GET, HEAD, POST")
            #expect(try await bench.open(bench.links.url ?? "").status == 404)
        }
    }

    @Test(
        "that is an endpoint confirms by answering with the token",
        arguments: [Endpoint.Manner.token, .json])
    func endpoint(manner: Endpoint.Manner) async throws {
        try await SubscriberBench.with { bench in
            bench.endpoint.answer(manner)
            let made = try await bench.subscribeWebhook()
            try await bench.asking.ask()
            let confirmed = try #require(try await bench.subscriptions.find(made.subscription.id))
            #expect(confirmed.state == .confirmed)
            #expect(confirmed.confirmedBy == "answer")
            let request = try #require(bench.endpoint.requests.first)
            let secret = try #require(made.secret.flatMap { WebhookSecret($0) })
            #expect(
                WebhookSignature.verify(
                    id: request.headers["webhook-id"] ?? "",
                    timestamp: request.headers["webhook-timestamp"] ?? "",
                    signature: request.headers["webhook-signature"] ?? "", body: request.body,
                    secret: secret))
            let question = try #require(Endpoint.Question(request))
            #expect(question.type == "io.millrace.subscription.confirm.v1")
            #expect(question.data.subscription == made.subscription.id)
        }
    }

    @Test("that is an endpoint confirms by opening the address, and not by any friendly answer")
    func endpointLink() async throws {
        try await SubscriberBench.with { bench in
            let made = try await bench.subscribeWebhook()
            try await bench.asking.ask()
            #expect(try await bench.state(made.subscription.id) == .pending)
            let request = try #require(bench.endpoint.requests.first)
            let link = try #require(Endpoint.Question(request)?.data.confirm_url)
            #expect(try await bench.open(link, .head).status == 200)
            #expect(try await bench.state(made.subscription.id) == .pending)
            #expect(try await bench.open(link).status == 200)
            #expect(try await bench.state(made.subscription.id) == .confirmed)
        }
    }

    @Test("that cannot be reached is asked again later, and one that refuses is not")
    func unreached() async throws {
        try await SubscriberBench.with { bench in
            bench.endpoint.answer(.status(503))
            let made = try await bench.subscribeWebhook()
            for _ in 0..<2 { try await bench.asking.ask() }
            #expect(bench.endpoint.requests.count == 1)
            var kept = try #require(try await bench.subscriptions.find(made.subscription.id))
            #expect(kept.challengeError == "the endpoint answered 503")
            // The pause is over; the token of a refusal is not taken for an answer.
            bench.endpoint.answer(.status(400))
            try await bench.run("update millrace.subscriptions set challenge_at = now()")
            for _ in 0..<2 { try await bench.asking.ask() }
            #expect(bench.endpoint.requests.count == 2)
            kept = try #require(try await bench.subscriptions.find(made.subscription.id))
            #expect(kept.state == .pending)
            #expect(kept.challengeError == "the endpoint answered 400")
        }
    }

    @Test("is asked through the guard: not inside, unless they may be told there")
    func guarded() async throws {
        try await SubscriberBench.with { bench in
            let made = try await bench.subscribeWebhook(allowed: [])
            try await bench.asking.ask()
            #expect(bench.endpoint.requests.isEmpty)
            let kept = try #require(try await bench.subscriptions.find(made.subscription.id))
            #expect(kept.challengeError?.contains("127.0.0.1 is this host") == true)
        }
    }

    @Test("is asked once, however many notifiers there are")
    func once() async throws {
        try await SubscriberBench.with { bench in
            for number in 0..<8 { _ = try await bench.subscribe(mail: "r\(number)@example.org") }
            try await withThrowingDiscardingTaskGroup { group in
                for _ in 0..<4 { group.addTask { try await bench.asking.ask() } }
            }
            #expect(bench.mailbox.mails.count == 8)
            #expect(Set(bench.mailbox.mails.flatMap(\.recipients)).count == 8)
        }
    }

    @Test("learns the command when there are no pages, and that nobody asks when there is no mail")
    func withoutPages() async throws {
        try await SubscriberBench.with(hasPages: false) { bench in
            let one = try await bench.subscribe()
            try await bench.asking.ask()
            let text = try #require(bench.mailbox.mails.first).text
            let words = text.split { $0.isWhitespace }.map(String.init)
            let flag = try #require(words.firstIndex(of: "--token"))
            #expect(words[flag - 1] == one.id)
            #expect(!text.contains("http"))
            #expect(bench.links.unsubscribe(one.id) == nil)
            #expect(
                try await bench.subscriptions.confirm(token: words[flag + 1], by: "ann@host")
                    != .unknown)
            #expect(try await bench.subscriptions.find(one.id)?.confirmedBy == "ann@host")
        }
        try await SubscriberBench.with(hasMail: false) { bench in
            let one = try await bench.subscribe()
            #expect(try await bench.subscriptions.question(to: one.id) == .waiting)
            // The sixth try is not the last: there may be a mail server by then.
            try await bench.run("update millrace.subscriptions set challenges = 5")
            try await bench.asking.ask()
            let kept = try #require(try await bench.subscriptions.find(one.id))
            let reason = try #require(kept.challengeError)
            #expect(reason.contains("MILLRACE_SMTP_URL"))
            #expect(try await bench.subscriptions.question(to: one.id) == .failed(reason))
            let due = try await bench.pool.query(
                "select challenge_at > now() as is_due from millrace.subscriptions")
            #expect(due.map { $0.boolean("is_due") } == [true])
        }
    }

    @Test("is not asked too often, and each link that was sent works until one has")
    func often() async throws {
        try await SubscriberBench.with { bench in
            let one = try await bench.subscribe()
            let first = try await bench.askedLink()
            #expect(try await bench.subscriptions.question(to: one.id) == .asked)
            let early = await #expect(throws: HandlingError.self) {
                _ = try await bench.subscriptions.askAgain(one.id)
            }
            #expect(early?.errorClass == "subscription.asked")
            // The same wish again is no mistake, and no mail.
            #expect(try await bench.subscribe().id == one.id)
            try await bench.asking.ask()
            #expect(bench.mailbox.mails.count == 1)
            var links = [first]
            for _ in 0..<4 {
                try await bench.run(
                    "update millrace.confirmations set sent_at = sent_at - interval '2 min'")
                #expect(try await bench.subscriptions.askAgain(one.id))
                links.append(try await bench.askedLink())
            }
            try await bench.run(
                "update millrace.confirmations set sent_at = sent_at - interval '2 min'")
            await #expect(throws: HandlingError.self) {
                _ = try await bench.subscriptions.askAgain(one.id)
            }
            #expect(try await bench.open(links[1], .post).status == 200)
            for link in links { #expect(try await bench.open(link, .post).status == 410) }
            #expect(try await !bench.subscriptions.askAgain("none"))
        }
    }

    @Test("who never confirms is forgotten after three days")
    func forgotten() async throws {
        try await SubscriberBench.with { bench in
            let late = try await bench.subscribe()
            let sure = try await bench.subscribe("rejects")
            let fresh = try await bench.subscribe("model_failed")
            #expect(try await bench.subscriptions.vouch(sure.id, by: "me"))
            try await bench.run(
                """
                update millrace.subscriptions set asked_at = now() - interval '73 h'
                where subscription_id <> '\(fresh.id)'
                """)
            #expect(try await bench.subscriptions.removeUnconfirmed() == 1)
            #expect(try await bench.subscriptions.find(late.id) == nil)
            #expect(try await bench.subscriptions.list().map(\.id) == [sure.id, fresh.id])
        }
    }
}
