import Foundation

/// One conversation of the mail server (RFC 5321): a line in, a reply out.
struct SMTPSession {
    /// What a line leads to.
    struct Step {
        var reply: String?
        var mail: ReceivedMail?
        var isLast = false

        init(_ reply: String? = nil) { self.reply = reply }
    }

    static let greeting = "220 millrace mailbox"
    /// The longest message, and the most recipients of one.
    private static let sizeLimitBytes = 1 << 20
    private static let recipientLimit = 100

    private let answer: SMTPSink.Answer
    private var sender: String?
    private var recipients: [String] = []
    /// The message so far, while one is being sent.
    private var message: Data?

    init(answer: @escaping SMTPSink.Answer) {
        self.answer = answer
    }

    /// - Parameter line: Without its CR LF.
    /// - Returns: Nil when the other side is not talking SMTP.
    mutating func take(_ line: Data) -> Step? {
        if message != nil { return takeContent(line) }
        guard let text = String(data: line, encoding: .utf8) else { return nil }
        let verb = text.prefix { $0 != " " && $0 != ":" }.uppercased()
        switch verb {
        case "EHLO":
            return Step("250-millrace\r\n250-8BITMIME\r\n250 SIZE \(Self.sizeLimitBytes)")
        case "HELO", "NOOP": return Step("250 yes")
        case "RSET":
            forget()
            return Step("250 forgotten")
        case "MAIL": return takeSender(text)
        case "RCPT": return takeRecipient(text)
        case "DATA":
            guard !recipients.isEmpty else { return Step("503 5.5.1 no recipient yet") }
            message = Data()
            return Step("354 end with a dot on a line of its own")
        case "QUIT":
            var last = Step("221 bye")
            last.isLast = true
            return last
        default: return Step("502 5.5.1 not known here")
        }
    }

    private mutating func takeSender(_ text: String) -> Step {
        guard let mailbox = Self.mailbox(in: text) else { return Step("501 5.5.4 MAIL FROM:<>") }
        forget()
        sender = mailbox
        return Step("250 2.1.0 yes")
    }

    private mutating func takeRecipient(_ text: String) -> Step {
        guard sender != nil else { return Step("503 5.5.1 no sender yet") }
        guard let mailbox = Self.mailbox(in: text), mailbox.contains("@") else {
            return Step("501 5.1.3 RCPT TO:<name@host>")
        }
        guard recipients.count < Self.recipientLimit else { return Step("452 4.5.3 too many") }
        if let refusal = answer(mailbox) { return Step(refusal) }
        recipients.append(mailbox)
        return Step("250 2.1.5 yes")
    }

    private mutating func takeContent(_ line: Data) -> Step {
        guard line != Data(".".utf8) else { return finish() }
        let room = Self.sizeLimitBytes - (message?.count ?? 0)
        // A dot at the start of a line has been doubled by the sender.
        let content = line.first == UInt8(ascii: ".") ? line.dropFirst() : line
        // What does not fit is left out; the reply at the end says so.
        if room > 0 { message?.append(content + Data("\r\n".utf8)) }
        return Step()
    }

    private mutating func finish() -> Step {
        defer { forget() }
        guard let message, let sender, message.count <= Self.sizeLimitBytes else {
            return Step("552 5.3.4 the message is too long")
        }
        var step = Step("250 2.0.0 kept")
        step.mail = ReceivedMail(
            sender: sender, recipients: recipients, receivedAt: Date(), content: message)
        return step
    }

    private mutating func forget() {
        sender = nil
        recipients = []
        message = nil
    }

    private static func mailbox(in text: String) -> String? {
        guard let open = text.firstIndex(of: "<"), let close = text.firstIndex(of: ">"),
            open < close
        else { return nil }
        return String(text[text.index(after: open)..<close])
    }
}
