import Foundation

/// Text of any characters in a header (RFC 2047).
enum EncodedWord {
    /// The text itself where it is plain and short enough for a line, else `=?utf-8?B?…?=` words
    /// on folded lines.
    static func encode(_ text: String, always: Bool = false) -> String {
        let isPlain = text.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
        if isPlain, !always, text.utf8.count <= 900, !text.contains("=?") { return text }
        var words: [String] = []
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            let next = Array(String(scalar).utf8)
            // A word has at most 75 characters and never half of one: 45 bytes become 60.
            if bytes.count + next.count > 45 {
                words.append(word(bytes))
                bytes = []
            }
            bytes += next
        }
        words.append(word(bytes))
        return words.joined(separator: "\r\n ")
    }

    private static func word(_ bytes: [UInt8]) -> String {
        "=?utf-8?B?\(Data(bytes).base64EncodedString())?="
    }
}
