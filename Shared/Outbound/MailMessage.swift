public import Foundation

/// A mail of plain text, or of plain text and the same as HTML.
public struct MailMessage: Sendable {
    public var sender: MailAddress
    public var recipient: MailAddress
    /// One line, any characters.
    public var subject: String
    /// Any characters, any line ends.
    public var body: String
    /// The same for readers that show HTML.
    public var html: String?
    /// Unique, without the brackets, e.g. `msg_7K2F@example.org`; the same on every attempt.
    public var messageID: String
    public var date: Date
    /// Further headers, e.g. `Auto-Submitted`.
    public var headers: [(name: String, value: String)]

    public init(
        from sender: MailAddress, to recipient: MailAddress, subject: String, body: String,
        html: String? = nil, messageID: String, date: Date = Date(),
        headers: [(name: String, value: String)] = []
    ) {
        self.sender = sender
        self.recipient = recipient
        self.subject = subject
        self.body = body
        self.html = html
        self.messageID = messageID
        self.date = date
        self.headers = headers
    }

    /// The message as it goes over the wire (RFC 5322, MIME), only ASCII.
    ///
    /// - Throws: `OutboundError` (invalid) when a header holds a line break or another control
    ///   character.
    func rendered() throws(OutboundError) -> Data {
        let fixed = [
            ("From", Self.text(of: sender)), ("To", Self.text(of: recipient)),
            ("Subject", EncodedWord.encode(subject)),
            ("Date", "\(date.formatted(Date.internetStyle)) +0000"),
            ("Message-ID", "<\(messageID)>"), ("MIME-Version", "1.0"),
        ]
        let given = [("Subject", subject), ("Message-ID", messageID)] + headers.map { ($0, $1) }
        for (name, value) in given
        where (name + value).unicodeScalars.contains(where: { $0.value < 0x20 || $0 == "\u{7F}" }) {
            throw OutboundError(.invalid, "mail", "the header \(name) holds a control character")
        }
        let own = headers.map { ($0.name, EncodedWord.encode($0.value)) }
        let head = (fixed + own).map { "\($0): \($1)\r\n" }.joined()
        return Data((head + content).utf8)
    }

    /// The headers of the content, and the content.
    private var content: String {
        let plain = Self.part("plain", body)
        guard let html else { return plain }
        let mark = Self.boundary
        return
            "Content-Type: multipart/alternative; boundary=\"\(mark)\"\r\n\r\n--\(mark)\r\n\(plain)"
            + "--\(mark)\r\n\(Self.part("html", html))--\(mark)--\r\n"
    }

    private static func part(_ kind: String, _ text: String) -> String {
        "Content-Type: text/\(kind); charset=utf-8\r\nContent-Transfer-Encoding: "
            + "quoted-printable\r\n\r\n\(QuotedPrintable.encode(text))"
    }

    /// No line of quoted-printable text can hold it: behind `=` come digits or the line's end.
    private static let boundary = "=_millrace"

    private static func text(of address: MailAddress) -> String {
        guard let name = address.name else { return address.mailbox }
        let isPlain = name.utf8.allSatisfy {
            $0 == UInt8(ascii: " ") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
        }
        return "\(isPlain ? name : EncodedWord.encode(name, always: true)) <\(address.mailbox)>"
    }
}
