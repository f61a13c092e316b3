/// A mailbox: `someone@example.org`, or `Some One <someone@example.org>`.
public struct MailAddress: Sendable, Equatable, CustomStringConvertible {
    /// `local@domain`.
    public let mailbox: String
    /// What readers show instead, where there is one.
    public let name: String?

    /// Reads an address; nil for what no mail server would take, or what would smuggle another
    /// command or header in.
    public init?(_ text: String) {
        var name: String?
        var mailbox = text[...]
        if let open = text.lastIndex(of: "<") {
            guard text.hasSuffix(">") else { return nil }
            let words = text[..<open].split(separator: " ").joined(separator: " ")
            name = words.isEmpty ? nil : words
            mailbox = text[text.index(after: open)...].dropLast()
        }
        guard Self.isMailbox(mailbox), !(name ?? "").unicodeScalars.contains(where: Self.isControl)
        else { return nil }
        self.mailbox = String(mailbox)
        self.name = name
    }

    public var description: String { name.map { "\($0) <\(mailbox)>" } ?? mailbox }

    private static func isMailbox(_ text: Substring) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count),
            (1...253).contains(parts[1].utf8.count)
        else { return false }
        let isLocalFine = parts[0].utf8.allSatisfy {
            isLetterOrDigit($0) || localMarks.contains($0)
        }
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return isLocalFine
            && labels.allSatisfy { label in
                !label.isEmpty && label.utf8.count <= 63 && !label.hasPrefix("-")
                    && label.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
            }
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    /// RFC 5322's `atext` and the dot; nobody uses quoted local parts.
    private static let localMarks = Array("!#$%&'*+-/=?^_`{|}~.".utf8)
}
