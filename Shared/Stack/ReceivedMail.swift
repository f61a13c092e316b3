public import Foundation

/// A mail that a local mailbox got.
public struct ReceivedMail: Sendable {
    /// From the envelope; so are the recipients.
    public let sender: String
    public let recipients: [String]
    public let receivedAt: Date
    /// Headers and body as they came.
    public let content: Data

    /// The header of that name, decoded, on one line.
    public func header(_ name: String) -> String? {
        let prefix = name.lowercased() + ":"
        let unfolded = head.replacingOccurrences(of: "\r\n ", with: " ")
        guard
            let line = unfolded.components(separatedBy: "\r\n")
                .first(where: { $0.lowercased().hasPrefix(prefix) })
        else { return nil }
        return Self.decodedWords(
            line.dropFirst(prefix.count).trimmingCharacters(in: .whitespaces))
    }

    /// What the subject says.
    public var subject: String { header("Subject") ?? "" }

    /// The body as it is read; of several forms the first, which is the plain one.
    public var text: String {
        guard let mark = boundary else { return plain }
        let forms = String(decoding: content, as: UTF8.self)
            .components(separatedBy: "--\(mark)\r\n")
        let form = forms.count > 1 ? forms[1].components(separatedBy: "--\(mark)--")[0] : ""
        return ReceivedMail(
            sender: sender, recipients: recipients, receivedAt: receivedAt,
            content: Data(form.utf8)
        ).plain
    }

    private var boundary: String? {
        let type = header("Content-Type")?.components(separatedBy: "boundary=\"")
        guard let type, type.count == 2 else { return nil }
        return type[1].components(separatedBy: "\"")[0]
    }

    private var plain: String {
        let body = parts.count > 1 ? parts[1] : ""
        let encoding = header("Content-Transfer-Encoding")?.lowercased()
        let plain = encoding == "quoted-printable" ? Self.decodedQuotedPrintable(body) : body
        return plain.replacingOccurrences(of: "\r\n", with: "\n")
    }

    private var head: String { parts[0] }

    private var parts: [String] {
        let text = String(decoding: content, as: UTF8.self)
        guard let blank = text.range(of: "\r\n\r\n") else { return [text] }
        return [String(text[..<blank.lowerBound]), String(text[blank.upperBound...])]
    }

    /// RFC 2047, the form that Millrace writes: UTF-8 in base64.
    private static func decodedWords(_ text: String) -> String {
        var out = ""
        var bytes = Data()
        for word in text.split(separator: " ") {
            let prefix = "=?utf-8?b?"
            if word.lowercased().hasPrefix(prefix), word.hasSuffix("?="),
                let piece = Data(base64Encoded: String(word.dropFirst(prefix.count).dropLast(2)))
            {
                bytes += piece
                continue
            }
            out += String(decoding: bytes, as: UTF8.self) + (out.isEmpty ? "" : " ") + word
            bytes = Data()
        }
        return out + String(decoding: bytes, as: UTF8.self)
    }

    private static func decodedQuotedPrintable(_ text: String) -> String {
        let joined = text.replacingOccurrences(of: "=\r\n", with: "")
        var bytes: [UInt8] = []
        var rest = Array(joined.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "="), let value = UInt8(digits, radix: 16) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
