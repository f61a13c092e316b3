/// Why a text is not JSON (RFC 8259), or not JSON that a warehouse can keep.
struct JSONFault: Error, Equatable {
    var position: Int
    var message: String
    /// Where the record that it is in starts, when nobody knows where that one ends.
    var recordStart: Int?
}

/// A strict reader of JSON text that hands out where values lie, and never turns a number into
/// anything else.
struct JSONScanner {
    /// Where a value lies and what it is.
    struct Value: Equatable {
        enum Kind: Equatable { case object, array, string, number, word, null }
        var kind: Kind
        var start: Int
        var end: Int
        /// Of a string: there are escapes inside.
        var isEscaped = false
    }

    let bytes: UnsafeRawBufferPointer
    var position: Int
    /// There was a number beyond what PostgreSQL's `jsonb` surely keeps.
    private(set) var hasHugeNumber = false
    private let end: Int

    init(_ bytes: UnsafeRawBufferPointer, from start: Int, to end: Int) {
        self.bytes = bytes
        position = start
        self.end = end
    }

    /// Nesting beyond it is a fault: PostgreSQL's own reader gives up on deep values as well.
    static let depthLimit = 512

    /// Reads one value that fills the text.
    mutating func document() throws(JSONFault) -> Value {
        skipBlanks()
        let value = try value(depth: 0)
        try endOfText()
        return value
    }

    /// Reads one object that fills the text, member by member.
    mutating func object(
        _ member: (_ key: Value, _ value: Value) -> Void
    ) throws(JSONFault) {
        skipBlanks()
        try record(member)
        try endOfText()
    }

    /// Reads the object that starts at the position, member by member, and stops behind it.
    mutating func record(_ member: (_ key: Value, _ value: Value) -> Void) throws(JSONFault) {
        guard peek == UInt8(ascii: "{") else { throw fault("a JSON object `{…}` is expected") }
        try members(depth: 0, member)
    }

    /// Reads the value that starts at the position and stops behind it.
    mutating func value() throws(JSONFault) -> Value { try value(depth: 0) }

    /// Reads a member's name and stops before its value.
    mutating func key() throws(JSONFault) -> Value {
        let start = position
        guard peek == UInt8(ascii: "\"") else { throw fault("a name in quotes is expected") }
        let isEscaped = try string()
        let key = Value(kind: .string, start: start + 1, end: position - 1, isEscaped: isEscaped)
        skipBlanks()
        guard take(UInt8(ascii: ":")) else { throw fault("`:` is expected") }
        skipBlanks()
        return key
    }

    mutating func endOfText() throws(JSONFault) {
        skipBlanks()
        if position < end { throw fault("there is text behind the value") }
    }

    private mutating func value(depth: Int) throws(JSONFault) -> Value {
        let start = position
        switch peek {
        case UInt8(ascii: "{"):
            try members(depth: depth) { _, _ in }
            return Value(kind: .object, start: start, end: position)
        case UInt8(ascii: "["):
            try elements(depth: depth)
            return Value(kind: .array, start: start, end: position)
        case UInt8(ascii: "\""):
            let isEscaped = try string()
            return Value(
                kind: .string, start: start + 1, end: position - 1, isEscaped: isEscaped)
        case UInt8(ascii: "t"): return try word("true", .word)
        case UInt8(ascii: "f"): return try word("false", .word)
        case UInt8(ascii: "n"): return try word("null", .null)
        case let byte? where byte == UInt8(ascii: "-") || isDigit(byte):
            try number()
            return Value(kind: .number, start: start, end: position)
        default: throw fault("a value is expected")
        }
    }

    private mutating func members(
        depth: Int, _ member: (Value, Value) -> Void
    ) throws(JSONFault) {
        try enter(depth)
        if take(UInt8(ascii: "}")) { return }
        while true {
            let key = try key()
            member(key, try value(depth: depth + 1))
            skipBlanks()
            if take(UInt8(ascii: "}")) { return }
            guard take(UInt8(ascii: ",")) else { throw fault("`,` or `}` is expected") }
            skipBlanks()
        }
    }

    private mutating func elements(depth: Int) throws(JSONFault) {
        try enter(depth)
        if take(UInt8(ascii: "]")) { return }
        while true {
            _ = try value(depth: depth + 1)
            skipBlanks()
            if take(UInt8(ascii: "]")) { return }
            guard take(UInt8(ascii: ",")) else { throw fault("`,` or `]` is expected") }
            skipBlanks()
        }
    }

    private mutating func enter(_ depth: Int) throws(JSONFault) {
        guard depth < Self.depthLimit else {
            throw fault("values are nested deeper than \(Self.depthLimit)")
        }
        position += 1
        skipBlanks()
    }

    /// - Returns: True when there are escapes inside.
    private mutating func string() throws(JSONFault) -> Bool {
        position += 1
        var isEscaped = false
        while position < end {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position += 1
                return isEscaped
            case UInt8(ascii: "\\"):
                isEscaped = true
                try escape()
            case 0..<0x20: throw fault("a control character is not escaped")
            default: position += 1
            }
        }
        throw fault("a text is not closed")
    }

    private mutating func escape() throws(JSONFault) {
        position += 1
        switch peek {
        case UInt8(ascii: "u"):
            guard position + 4 < end, (1...4).allSatisfy({ isHex(bytes[position + $0]) }) else {
                throw fault("`\\u` needs four hexadecimal digits")
            }
            position += 5
        case let byte? where Array("\"\\/bfnrt".utf8).contains(byte): position += 1
        default: throw fault("there is no such escape")
        }
    }

    private mutating func number() throws(JSONFault) {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if take(UInt8(ascii: "0")) {
            if let next = peek, isDigit(next) { throw fault("a number starts with 0") }
        } else {
            try digits()
        }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            let exponent = position
            try digits()
            if position - exponent > 4 { hasHugeNumber = true }
        }
        if position - start > 1_000 { hasHugeNumber = true }
    }

    private mutating func digits() throws(JSONFault) {
        let start = position
        while position < end, isDigit(bytes[position]) { position += 1 }
        if position == start { throw fault("a digit is expected") }
    }

    private mutating func word(_ word: StaticString, _ kind: Value.Kind) throws(JSONFault) -> Value
    {
        let start = position
        let count = word.utf8CodeUnitCount
        guard position + count <= end,
            (0..<count).allSatisfy({ bytes[start + $0] == word.utf8Start[$0] })
        else { throw fault("a value is expected") }
        position += count
        return Value(kind: kind, start: start, end: position)
    }

    /// The byte at the position; nil at the end.
    var peek: UInt8? { position < end ? bytes[position] : nil }

    /// Goes on behind the byte, where it is the next one.
    mutating func take(_ byte: UInt8) -> Bool {
        guard position < end, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    mutating func skipBlanks() {
        while position < end {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    func fault(_ message: String) -> JSONFault {
        JSONFault(position: position, message: message)
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    private func isHex(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 6
    }
}
