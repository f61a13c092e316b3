/// A JSON array that is written of values as they stand in an object: each a text, or null.
struct JSONTexts {
    private(set) var bytes: [UInt8] = []

    var count: Int { bytes.count }

    /// Starts anew.
    mutating func begin() {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(UInt8(ascii: "["))
    }

    /// Ends the whole array.
    mutating func end() { close(separates: false) }

    /// Starts an array inside of it.
    mutating func open() { bytes.append(UInt8(ascii: "[")) }

    /// Ends an array inside of it.
    mutating func close() { close(separates: true) }

    /// Appends a value as the text that a column's field has.
    ///
    /// - Parameter asJSON: The text is JSON itself: texts keep their quotes.
    mutating func append(
        _ source: UnsafeRawBufferPointer, _ value: JSONScanner.Value?, asJSON: Bool
    ) {
        guard let value, value.kind != .null else {
            bytes.append(contentsOf: Self.null)
            return
        }
        bytes.append(Self.quote)
        switch value.kind {
        case .string where asJSON: escape(source[(value.start - 1)..<(value.end + 1)])
        case .object, .array: escape(source[value.start..<value.end])
        // What stands between the quotes of JSON may stand between these.
        default: bytes.append(contentsOf: source[value.start..<value.end])
        }
        bytes.append(Self.quote)
        bytes.append(UInt8(ascii: ","))
    }

    private mutating func close(separates: Bool) {
        if bytes.last == UInt8(ascii: ",") { bytes.removeLast() }
        bytes.append(UInt8(ascii: "]"))
        if separates { bytes.append(UInt8(ascii: ",")) }
    }

    private mutating func escape(_ text: Slice<UnsafeRawBufferPointer>) {
        for byte in text {
            switch byte {
            case Self.quote, UInt8(ascii: "\\"): bytes.append(contentsOf: [0x5C, byte])
            case 0x0A: bytes.append(contentsOf: [0x5C, UInt8(ascii: "n")])
            case 0x0D: bytes.append(contentsOf: [0x5C, UInt8(ascii: "r")])
            case 0x09: bytes.append(contentsOf: [0x5C, UInt8(ascii: "t")])
            default: bytes.append(byte)
            }
        }
    }

    private static let quote = UInt8(ascii: "\"")
    private static let null = Array("null,".utf8)
}
