/// The texts inside JSON: escapes and what they stand for.
enum JSONText {
    /// Appends the text that a string value stands for.
    ///
    /// - Returns: False when it holds half of a surrogate pair, which is no text.
    static func decode(
        _ bytes: UnsafeRawBufferPointer, _ value: JSONScanner.Value, into text: inout [UInt8]
    ) -> Bool {
        var index = value.start
        while index < value.end {
            guard bytes[index] == UInt8(ascii: "\\") else {
                text.append(bytes[index])
                index += 1
                continue
            }
            guard let scalar = scalar(bytes, at: &index) else { return false }
            text.append(contentsOf: String(scalar).utf8)
        }
        return true
    }

    /// What is wrong with a JSON value that PostgreSQL's `jsonb` refuses though it is grammatical.
    static func obstacle(
        _ bytes: UnsafeRawBufferPointer, _ value: JSONScanner.Value
    ) -> (RejectReason, String)? {
        // Backslashes stand only inside of strings, so the escapes can be read in a row.
        var index = value.start
        while index < value.end {
            guard bytes[index] == UInt8(ascii: "\\") else {
                index += 1
                continue
            }
            guard let scalar = scalar(bytes, at: &index) else {
                return (.badValue, "holds half of a surrogate pair, which is no text")
            }
            if scalar.value == 0 { return (.nulByte, "holds a NUL character (`\\u0000`)") }
        }
        return nil
    }

    /// What is wrong with a text that should be one JSON value.
    static func fault(of bytes: UnsafeRawBufferPointer) -> (RejectReason, String)? {
        var scanner = JSONScanner(bytes, from: 0, to: bytes.count)
        do {
            let value = try scanner.document()
            if scanner.hasHugeNumber && value.kind != .string {
                return (.outOfRange, "holds a number of more digits than can be kept")
            }
            return obstacle(bytes, value)
        } catch {
            return (.badValue, "is not JSON: \(error.message) (byte \(error.position + 1))")
        }
    }

    /// Whether a value holds a number that is beyond what PostgreSQL's `jsonb` surely keeps.
    static func hasHugeNumber(
        _ bytes: UnsafeRawBufferPointer, _ value: JSONScanner.Value
    ) -> Bool {
        guard value.kind != .string else { return false }
        var scanner = JSONScanner(bytes, from: value.start, to: value.end)
        do {
            _ = try scanner.document()
        } catch {
            return false
        }
        return scanner.hasHugeNumber
    }

    /// An object of texts and nulls.
    static func object(_ members: some Sequence<(String, [UInt8]?)>) -> String {
        let texts = members.map { name, value in
            let text = value.map { quoted(String(decoding: $0, as: UTF8.self)) }
            return "\(quoted(name)):\(text ?? "null")"
        }
        return "{\(texts.joined(separator: ","))}"
    }

    /// A text as JSON writes it.
    static func quoted(_ text: String) -> String {
        let escaped = text.unicodeScalars.map { scalar in
            switch scalar {
            case "\"", "\\": "\\\(scalar)"
            case "\u{0}"..<"\u{20}":
                "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }
        return "\"\(escaped.joined())\""
    }

    /// Reads one escape that the scanner has found to be well formed.
    private static func scalar(
        _ bytes: UnsafeRawBufferPointer, at index: inout Int
    ) -> Unicode.Scalar? {
        let letter = bytes[index + 1]
        guard letter == UInt8(ascii: "u") else {
            index += 2
            return plain(letter)
        }
        let first = unit(bytes, at: index + 2)
        index += 6
        guard UTF16.isLeadSurrogate(first) else { return Unicode.Scalar(first) }
        guard index + 5 < bytes.count, bytes[index] == UInt8(ascii: "\\"),
            bytes[index + 1] == UInt8(ascii: "u")
        else { return nil }
        let second = unit(bytes, at: index + 2)
        guard UTF16.isTrailSurrogate(second) else { return nil }
        index += 6
        return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }

    private static func plain(_ letter: UInt8) -> Unicode.Scalar {
        switch letter {
        case UInt8(ascii: "b"): "\u{8}"
        case UInt8(ascii: "f"): "\u{C}"
        case UInt8(ascii: "n"): "\n"
        case UInt8(ascii: "r"): "\r"
        case UInt8(ascii: "t"): "\t"
        default: Unicode.Scalar(letter)
        }
    }

    private static func unit(_ bytes: UnsafeRawBufferPointer, at start: Int) -> UInt16 {
        var unit: UInt16 = 0
        for index in start..<(start + 4) {
            let letter = bytes[index] | 0x20
            let digit = letter >= UInt8(ascii: "a") ? letter - 87 : bytes[index] - 48
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }
}
