/// A body of any characters in lines of ASCII (RFC 2045, 6.7).
enum QuotedPrintable {
    /// Lines of at most 76 characters, each ended by CR LF.
    static func encode(_ text: String) -> String {
        let lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }
        return lines.map { encode(line: $0) + "\r\n" }.joined()
    }

    private static func encode(line: Substring) -> String {
        let bytes = Array(line.utf8)
        var out = ""
        var width = 0
        for (index, byte) in bytes.enumerated() {
            let isLast = index == bytes.count - 1
            let isBlank = byte == 0x20 || byte == 0x09
            let isPlain = (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "=")
            let piece =
                isPlain || isBlank && !isLast
                ? String(UnicodeScalar(byte)) : "=" + hex(byte >> 4) + hex(byte & 15)
            // 75 characters and the `=` that joins the line with the next.
            if width + piece.utf8.count > 75 {
                out += "=\r\n"
                width = 0
            }
            out += piece
            width += piece.utf8.count
        }
        return out
    }

    private static func hex(_ digit: UInt8) -> String {
        String(digit, radix: 16, uppercase: true)
    }
}
