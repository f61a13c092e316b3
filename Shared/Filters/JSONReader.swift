/// A JSON value with the places of all its parts.
struct JSONNode: Sendable {
    indirect enum Value: Sendable {
        case scalar(JSONValue)
        case array([JSONNode])
        case object([(name: String, offset: Int, node: JSONNode)])
    }

    var value: Value
    /// In bytes.
    var offset: Int

    /// Without the places.
    var plain: JSONValue {
        switch value {
        case .scalar(let value): value
        case .array(let elements): .array(elements.map(\.plain))
        case .object(let members): .object(members.map { JSONValue.Member($0.name, $0.node.plain) })
        }
    }
}

/// A strict reader of JSON (RFC 8259) that keeps numbers as they are written.
struct JSONReader {
    private let bytes: [UInt8]
    private var index = 0
    /// Nesting beyond it is refused.
    static let depthLimit = 100

    init(_ bytes: some Sequence<UInt8>) {
        self.bytes = Array(bytes)
    }

    /// Reads the one value that fills the text.
    mutating func document() throws(FilterMistake) -> JSONNode {
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw fault("the text is not UTF-8")
        }
        let node = try value(depth: 0)
        skipBlanks()
        guard index == bytes.count else { throw fault("something follows the end of the JSON") }
        return node
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private func fault(_ message: String) -> FilterMistake {
        FilterMistake("this is not JSON: \(message)", index)
    }

    private mutating func skipBlanks() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { index += 1 }
    }

    private mutating func take(_ character: Character) -> Bool {
        guard next == character.asciiValue else { return false }
        index += 1
        return true
    }

    private mutating func value(depth: Int) throws(FilterMistake) -> JSONNode {
        guard depth <= Self.depthLimit else {
            throw fault("it is nested more than \(Self.depthLimit) deep")
        }
        skipBlanks()
        let start = index
        let value: JSONNode.Value
        switch next {
        case UInt8(ascii: "{"): value = .object(try members(depth: depth + 1))
        case UInt8(ascii: "["): value = .array(try elements(depth: depth + 1))
        case UInt8(ascii: "\""): value = .scalar(.text(try text()))
        case let byte? where byte == UInt8(ascii: "-") || isDigit(byte): value = try number()
        case UInt8(ascii: "t"): value = try word("true", .boolean(true))
        case UInt8(ascii: "f"): value = try word("false", .boolean(false))
        case UInt8(ascii: "n"): value = try word("null", .null)
        case nil: throw fault("it ends where a value is expected")
        default: throw fault("a value is expected: texts stand in double quotes")
        }
        return JSONNode(value: value, offset: start)
    }

    private mutating func elements(depth: Int) throws(FilterMistake) -> [JSONNode] {
        index += 1
        var elements: [JSONNode] = []
        skipBlanks()
        if take("]") { return elements }
        while true {
            elements.append(try value(depth: depth))
            skipBlanks()
            if take("]") { return elements }
            guard take(",") else { throw fault("`,` or `]` is expected") }
        }
    }

    private mutating func members(
        depth: Int
    ) throws(FilterMistake) -> [(name: String, offset: Int, node: JSONNode)] {
        index += 1
        var members: [(name: String, offset: Int, node: JSONNode)] = []
        skipBlanks()
        if take("}") { return members }
        while true {
            skipBlanks()
            let start = index
            guard next == UInt8(ascii: "\"") else {
                throw fault("a name in double quotes is expected")
            }
            let name = try text()
            skipBlanks()
            guard take(":") else { throw fault("`:` is expected behind the name") }
            members.append((name, start, try value(depth: depth)))
            skipBlanks()
            if take("}") { return members }
            guard take(",") else { throw fault("`,` or `}` is expected") }
        }
    }

    private mutating func word(
        _ word: String, _ value: JSONValue
    ) throws(FilterMistake) -> JSONNode.Value {
        guard bytes[index...].starts(with: word.utf8) else {
            throw fault("a value is expected: texts stand in double quotes")
        }
        index += word.utf8.count
        return .scalar(value)
    }

    private mutating func number() throws(FilterMistake) -> JSONNode.Value {
        let start = index
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        if let byte = next, isDigit(byte) { throw fault("a number has no leading zeros") }
        return .scalar(.number(FilterNumber(String(decoding: bytes[start..<index], as: UTF8.self))))
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private mutating func digits() throws(FilterMistake) {
        guard let byte = next, isDigit(byte) else { throw fault("a digit is expected") }
        while let byte = next, isDigit(byte) { index += 1 }
    }

    private mutating func text() throws(FilterMistake) -> String {
        index += 1
        var units: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return String(decoding: units, as: UTF8.self)
            case UInt8(ascii: "\\"):
                units.append(contentsOf: String(try escaped()).utf8)
            case 0..<0x20:
                throw fault("a text holds no line breaks or control characters: write \\n")
            default:
                units.append(byte)
                index += 1
            }
        }
        throw fault("a text is not closed with `\"`")
    }

    private mutating func escaped() throws(FilterMistake) -> Unicode.Scalar {
        let letter = index + 1 < bytes.count ? bytes[index + 1] : 0
        index += 2
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return .init(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicode()
        default:
            index -= 2
            throw fault("`\\` stands before one of \" \\ / b f n r t u")
        }
    }

    private mutating func unicode() throws(FilterMistake) -> Unicode.Scalar {
        let first = try unit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard UTF16.isLeadSurrogate(first), take("\\"), take("u") else {
            throw fault("half of a surrogate pair is no text")
        }
        let second = try unit()
        guard UTF16.isTrailSurrogate(second) else {
            throw fault("half of a surrogate pair is no text")
        }
        return UTF16.decode(UTF16.EncodedScalar([first, second]))
    }

    private mutating func unit() throws(FilterMistake) -> UInt16 {
        let digits = bytes[index...].prefix(4)
        let isHexadecimal = digits.allSatisfy { Character(Unicode.Scalar($0)).isHexDigit }
        guard digits.count == 4, isHexadecimal,
            let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        else { throw fault("four hexadecimal digits follow \\u") }
        index += 4
        return unit
    }
}
