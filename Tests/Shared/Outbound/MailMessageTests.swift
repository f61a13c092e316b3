import Foundation
import Testing

@testable import Outbound

@Suite("A mail message")
struct MailMessageTests {
    private func message(
        subject: String = "hello", body: String = "one\ntwo", from: String = "ops@example.org"
    ) throws -> MailMessage {
        MailMessage(
            from: try #require(MailAddress(from)),
            to: try #require(MailAddress("reader@example.org")), subject: subject, body: body,
            messageID: "msg_1@example.org", date: Date(timeIntervalSince1970: 784_111_777))
    }

    private func lines(_ message: MailMessage) throws -> [String] {
        String(decoding: try message.rendered(), as: UTF8.self).components(separatedBy: "\r\n")
    }

    @Test("has the headers that mail servers ask for, and CR LF everywhere")
    func plain() throws {
        #expect(
            try lines(message()) == [
                "From: ops@example.org", "To: reader@example.org", "Subject: hello",
                "Date: Sun, 06 Nov 1994 08:49:37 +0000", "Message-ID: <msg_1@example.org>",
                "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: quoted-printable", "", "one", "two", "",
            ])
    }

    @Test("writes other alphabets in headers as encoded words of at most 75 characters")
    func encodedSubject() throws {
        let subject = String(repeating: "Überprüfung ⚠️ ", count: 9)
        let lines = try lines(message(subject: subject))
        let start = try #require(lines.firstIndex { $0.hasPrefix("Subject:") })
        let folded =
            [lines[start].dropFirst("Subject:".count)]
            + lines[(start + 1)...].prefix { $0.hasPrefix(" ") }.map { $0[...] }
        let words = folded.map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(words.count > 3)
        #expect(words.allSatisfy { $0.utf8.count <= 75 && $0.hasPrefix("=?utf-8?B?") })
        let bytes = words.compactMap { Data(base64Encoded: String($0.dropFirst(10).dropLast(2))) }
        #expect(bytes.allSatisfy { String(data: $0, encoding: .utf8) != nil })
        #expect(String(decoding: Data(bytes.joined()), as: UTF8.self) == subject)
    }

    @Test(
        "refuses a subject that would become another header",
        arguments: ["a\r\nBcc: x@example.org", "a\nb", "a\rb", "a\u{0}b", "a\u{1B}[31mb"])
    func injection(subject: String) throws {
        let error = try #require(
            #expect(throws: OutboundError.self) { try message(subject: subject).rendered() })
        #expect(error.kind == .invalid)
    }

    @Test("encodes the sender's name")
    func names() throws {
        let plain = try lines(message(from: "Millrace <ops@example.org>"))
        #expect(plain[0] == "From: Millrace <ops@example.org>")
        let other = try lines(message(from: "Mühle, \"Ops\" <ops@example.org>"))
        #expect(other[0] == "From: =?utf-8?B?TcO8aGxlLCAiT3BzIg==?= <ops@example.org>")
    }

    @Test(
        "writes the body in short lines of ASCII",
        arguments: [
            ("a=b", "a=3Db\r\n"), ("ü", "=C3=BC\r\n"), ("a ", "a=20\r\n"), ("a b\t", "a b=09\r\n"),
            ("", "\r\n"), ("a\r\nb", "a\r\nb\r\n"), ("a\rb", "a\r\nb\r\n"), (".", ".\r\n"),
            (
                String(repeating: "x", count: 80),
                String(repeating: "x", count: 75) + "=\r\nxxxxx\r\n"
            ),
        ])
    func quotedPrintable(text: String, expected: String) {
        #expect(QuotedPrintable.encode(text) == expected)
    }
}

@Suite("A mail address")
struct MailAddressTests {
    @Test(
        "is one mailbox, with or without a name",
        arguments: [
            ("a@example.org", "a@example.org", nil), ("a.b+c@x.y", "a.b+c@x.y", nil),
            ("A B <a@localhost>", "a@localhost", "A B"), ("<a@b>", "a@b", nil),
        ] as [(String, String, String?)])
    func reading(text: String, mailbox: String, name: String?) throws {
        let address = try #require(MailAddress(text))
        #expect(address.mailbox == mailbox)
        #expect(address.name == name)
    }

    @Test(
        "is refused when it is something else",
        arguments: [
            "", "a", "a@", "@b", "a@b@c", "a b@c", "a@b c", "a@b\r\nRCPT TO:<x@y>", "a@b,c@d",
            "A\r\nBcc: x@y <a@b>", "a@b>", "<a@b", "a@-b", "a@b..c", "ü@b", "a@ü",
            "\"a b\"@c", "<a@b> c",
        ])
    func refused(text: String) {
        #expect(MailAddress(text) == nil)
    }
}
