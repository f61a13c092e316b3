/// One line of a tap: which parts of it are what. The parts stay as they are written, so that no
/// digit of a number is lost; whether they are right inside is for who reads them.
struct SingerMessage {
    private let bytes: UnsafeRawBufferPointer
    private var members: [String: Range<Int>] = [:]
    private var index = 0

    /// Nil for what is not one JSON object.
    init?(_ line: UnsafeRawBufferPointer) {
        bytes = line
        guard take(UInt8(ascii: "{")) else { return nil }
        skipBlanks()
        while !take(UInt8(ascii: "}")) {
            if !members.isEmpty, !take(UInt8(ascii: ",")) { return nil }
            skipBlanks()
            guard let key = text(), take(UInt8(ascii: ":")), let value = value() else { return nil }
            // A key that comes twice says nothing sure.
            guard members.updateValue(value, forKey: key) == nil else { return nil }
        }
        skipBlanks()
        guard index == bytes.count else { return nil }
    }

    /// The bytes of a member's value; nil where there is none.
    subscript(_ name: String) -> UnsafeRawBufferPointer? {
        members[name].map { UnsafeRawBufferPointer(rebasing: bytes[$0]) }
    }

    /// A member that is a text; nil where there is none.
    func text(_ name: String) -> String? {
        guard let range = members[name], range.count >= 2, bytes[range.lowerBound] == Self.quote
        else { return nil }
        return JSONLookup.unescaped(Array(bytes[range].dropFirst().dropLast())[...])
    }

    private static let quote = UInt8(ascii: "\"")

    private mutating func skipBlanks() {
        while index < bytes.count, [0x20, 0x09, 0x0D, 0x0A].contains(bytes[index]) { index += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        skipBlanks()
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func text() -> String? {
        let start = index
        guard skipText() else { return nil }
        return JSONLookup.unescaped(Array(bytes[start + 1..<index - 1])[...])
    }

    /// Goes behind a text; false where none ends.
    private mutating func skipText() -> Bool {
        guard index < bytes.count, bytes[index] == Self.quote else { return false }
        index += 1
        while index < bytes.count {
            let byte = bytes[index]
            index += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == Self.quote { return true }
        }
        return false
    }

    private mutating func value() -> Range<Int>? {
        skipBlanks()
        let start = index
        var depth = 0
        while index < bytes.count {
            switch bytes[index] {
            case Self.quote:
                guard skipText() else { return nil }
                if depth == 0 { return start..<index }
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ","):
                if depth == 0 { return start < index ? trimmed(start) : nil }
                if bytes[index] != UInt8(ascii: ",") {
                    depth -= 1
                    if depth == 0 {
                        index += 1
                        return start..<index
                    }
                }
            default: break
            }
            index += 1
        }
        return nil
    }

    /// A number or word, without the blanks behind it.
    private func trimmed(_ start: Int) -> Range<Int> {
        var end = index
        while end > start, [0x20, 0x09, 0x0D].contains(bytes[end - 1]) { end -= 1 }
        return start..<end
    }
}
