import Events
import Foundation
import Outbound
import Stack
import Testing

@Suite("A mail client", .timeLimit(.minutes(5)))
struct MailClientTests {
    private func message(
        to recipient: String = "reader@example.org", subject: String = "Prüfung",
        body: String = "first\n.second\nthird = 3 ü"
    ) throws -> MailMessage {
        MailMessage(
            from: try #require(MailAddress("Millrace <ops@example.org>")),
            to: try #require(MailAddress(recipient)), subject: subject, body: body,
            messageID: "msg_1@example.org")
    }

    @Test("hands mail over as it was written, several on one connection")
    func delivery() async throws {
        let sink = try SMTPSink()
        let client = MailClient(
            try MailServer(url: sink.url, encryption: .off), connections: 1)
        try await client.send(message())
        try await client.send(message(subject: "again"))
        let mails = sink.mails
        #expect(mails.map(\.subject) == ["Prüfung", "again"])
        #expect(mails.map(\.sender) == ["ops@example.org", "ops@example.org"])
        #expect(mails.first?.recipients == ["reader@example.org"])
        #expect(mails.first?.text == "first\n.second\nthird = 3 ü\n")
        #expect(mails.first?.header("Message-ID") == "<msg_1@example.org>")
    }

    @Test(
        "tells later from never",
        arguments: [
            ("451 4.7.1 greylisted, come back", OutboundError.Kind.busy, Disposition.transient),
            ("550 5.1.1 no such user", .refused, .permanent),
        ])
    func replies(reply: String, kind: OutboundError.Kind, disposition: Disposition) async throws {
        let sink = try SMTPSink(answer: { $0.hasPrefix("nobody") ? reply : nil })
        let client = MailClient(try MailServer(url: sink.url, encryption: .off))
        let error = await #expect(throws: OutboundError.self) {
            try await client.send(message(to: "nobody@example.org"))
        }
        #expect(error?.kind == kind)
        #expect(error?.disposition == disposition)
        #expect(error?.replyCode == Int(reply.prefix(3)))
        #expect(error?.reason.contains(reply) == true)
        try await client.send(message())
        #expect(sink.mails.count == 1)
    }

    @Test("sends nothing in clear where encryption is required")
    func encryptionRequired() async throws {
        let sink = try SMTPSink()
        let client = MailClient(try MailServer(url: sink.url))
        let error = await #expect(throws: OutboundError.self) {
            try await client.send(message())
        }
        #expect(error?.kind == .untrusted)
        #expect(sink.mails.isEmpty)
    }

    @Test("without encryption does not leave the host")
    func loopbackOnly() async throws {
        let server = try MailServer(url: "smtp://192.0.2.1:25", encryption: .off)
        let error = await #expect(throws: OutboundError.self) {
            try await MailClient(server).send(message())
        }
        #expect(error?.kind == .guarded)
    }

    @Test("says when nobody is there")
    func unreachable() async throws {
        let server = try MailServer(url: "smtp://127.0.0.1:1", encryption: .off)
        let error = await #expect(throws: OutboundError.self) {
            try await MailClient(server).send(message())
        }
        #expect(error?.kind == .unreachable)
        #expect(error?.disposition == .transient)
    }

    @Test(
        "is not made for what is no mail server's address",
        arguments: [
            "", "mail.example.org", "http://mail.example.org", "smtp://", "smtp://user@host",
            "smtp://host/path", "smtp://host:99999", "smtp://ho st",
        ])
    func malformed(url: String) {
        #expect(throws: OutboundError.self) { try MailServer(url: url) }
    }
}
