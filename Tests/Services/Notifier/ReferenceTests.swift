import Events
import Foundation
import Kit
import Outbound
import Testing

@testable import notifier

/// What others' programs say of what we send.
@Suite(
    "The reference", .timeLimit(.minutes(5)),
    .enabled(if: TestPython.isAvailable, Comment(rawValue: TestPython.missing)))
struct ReferenceTests {
    private func delivery(
        _ id: String, title: String = "goodreads.reviews: ü <b>&\"'", kind: Alert.Kind = .raised,
        thread: String? = nil
    ) -> Delivery {
        let alert = Alert(
            id: "a", kind: kind, key: "k", topic: "check_failed", severity: .critical,
            pipeline: "goodreads", dataset: "reviews", batch: "B1", title: title,
            detail: "37 rows\n.\n<script>alert(1)</script> = "
                + String(repeating: "lang ", count: 50),
            command: "millrace show B1", time: Date(timeIntervalSince1970: 0))
        return Delivery(
            id: id, subscription: "S1", target: .unusable(""), alert: alert, attempts: 1, tries: 0,
            gap: .zero, thread: thread)
    }

    @Test("of Standard Webhooks verifies what we sign, with each of two secrets")
    func signature() async throws {
        let body = try WebhookBody(delivery("msg_1").alert).encoded()
        let (old, new) = (WebhookSecret(), WebhookSecret())
        let headers = try WebhookSignature.headers(
            id: "msg_1", at: Date(), body: body, secrets: [new, old])
        let json = try JSONEncoder().encode(
            Dictionary(uniqueKeysWithValues: headers.map { ($0.name, $0.value) }))
        let script = """
            import sys, json, base64
            from standardwebhooks import Webhook, WebhookVerificationError
            body, headers = base64.b64decode(sys.argv[1]), json.loads(sys.argv[2])
            for secret in sys.argv[3:]:
                try:
                    print(Webhook(secret).verify(body, headers)['type'])
                except WebhookVerificationError as e:
                    print('refused:', e)
            """
        let said = try await TestPython.run(
            script,
            [
                body.base64EncodedString(), String(decoding: json, as: UTF8.self), new.text,
                old.text, WebhookSecret().text,
            ])
        let lines = said.split(separator: "\n")
        #expect(lines.prefix(2) == ["io.millrace.alert.raised.v1", "io.millrace.alert.raised.v1"])
        #expect(lines.last?.hasPrefix("refused") == true)
    }

    @Test("mail server takes mail over STARTTLS with a password; Python reads what was meant")
    func mail() async throws {
        try await RealMailServer.with { server in
            let sender = try sender(server)
            let reader = try #require(MailAddress("Ann Ü <reader@example.org>"))
            let first = try await sender.send(delivery("msg_1"), to: reader)
            #expect(first.outcome == .sent(code: 250))
            let over = delivery("msg_2", title: "passes again", kind: .resolved, thread: "msg_1")
            #expect(try await sender.send(over, to: reader).outcome == .sent(code: 250))
            let mails = try server.mails()
            #expect(mails.count == 2)
            func read(_ index: Int, _ what: String) async throws -> String {
                try await server.read(mails[index], what)
            }
            #expect(
                try await read(0, "m['subject']")
                    == "[millrace] critical goodreads.reviews: ü <b>&\"'")
            #expect(try await read(0, "m['message-id']") == "<msg_1@example.org>")
            #expect(try await read(0, "m.get_content_type()") == "multipart/alternative")
            #expect(try await read(0, "m['to'].addresses[0].display_name") == "Ann Ü")
            let plain = try await read(0, "plain.get_content()")
            #expect(plain.contains("37 rows\n.\n<script>alert(1)</script> = lang"))
            #expect(plain.contains("What to type next:\n    millrace show B1"))
            let html = try await read(0, "html.get_content()")
            #expect(html.contains("goodreads.reviews: ü &lt;b&gt;&amp;&quot;&#39;"))
            #expect(!html.contains("<script"))
            #expect(try await read(0, "m['in-reply-to']") == "None")
            #expect(try await read(1, "m['in-reply-to']") == "<msg_1@example.org>")
            #expect(try await read(1, "m['references']") == "<msg_1@example.org>")
            #expect(try await read(1, "m['list-unsubscribe']") == "<https://example.org/u/S1>")
            #expect(
                try await read(1, "m['list-unsubscribe-post']") == "List-Unsubscribe=One-Click")
        }
    }

    @Test("mail server that greylists is tried again, and takes a thousand mails")
    func many() async throws {
        try await RealMailServer.with(refuseFirst: 1) { server in
            let sender = try sender(server)
            let reader = try #require(MailAddress("reader@example.org"))
            let first = try await sender.send(delivery("msg_0"), to: reader)
            guard case .postponed(let reason, 451, nil) = first.outcome else {
                Issue.record("\(first.outcome)")
                return
            }
            #expect(reason.contains("greylisted"))
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<1000 {
                    let address = try #require(MailAddress("reader\(number)@example.org"))
                    group.addTask {
                        try await sender.send(delivery("msg_\(number)"), to: address).outcome.isSent
                    }
                }
                for try await isSent in group { #expect(isSent) }
            }
            #expect(try server.mails().count == 1000)
        }
    }

    @Test("mail server without STARTTLS, of a stranger, or with another password gets nothing")
    func refused() async throws {
        try await RealMailServer.with(hasTLS: false) { server in
            let sent = try await sender(server).send(delivery("m"), to: anybody())
            #expect(sent.outcome.isSent == false)
            #expect(try server.mails().isEmpty)
        }
        try await RealMailServer.with { server in
            for (password, authority) in [("wrong", server.authority), (server.password, nil)] {
                let sent = try await sender(server, password: password, authority: authority)
                    .send(delivery("m"), to: anybody())
                guard case .refused = sent.outcome else {
                    Issue.record("\(sent.outcome)")
                    continue
                }
            }
            #expect(try server.mails().isEmpty)
        }
    }

    private func anybody() throws -> MailAddress {
        try #require(MailAddress("reader@example.org"))
    }

    private func sender(_ server: RealMailServer) throws -> MailSender {
        try sender(server, password: server.password, authority: server.authority)
    }

    private func sender(
        _ server: RealMailServer, password: String, authority: String?
    ) throws -> MailSender {
        let address = try MailServer(
            url: server.url, user: server.user, password: password,
            certificateAuthorities: authority)
        return MailSender(
            client: MailClient(address, connections: 4),
            sender: try #require(MailAddress("Millrace <ops@example.org>"))
        ) { "https://example.org/u/\($0)" }
    }
}
