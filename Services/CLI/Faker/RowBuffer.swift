import Foundation

/// How the generator writes its files.
enum FakeFormat: String, Sendable, CaseIterable, Codable {
    case csv, jsonl
}

/// Rows of one file on their way to disk, as CSV with as few quotes as possible or as JSON lines.
struct RowBuffer: Sendable {
    private(set) var bytes: [UInt8] = []
    private(set) var rows = 0
    private let format: FakeFormat
    /// What stands before each value: a comma, or the comma and the name.
    private let prefixes: [[UInt8]]
    private var column = 0

    init(fields: [String], format: FakeFormat) {
        self.format = format
        bytes.reserveCapacity(Self.reserve)
        prefixes = fields.enumerated().map { index, field in
            switch format {
            case .csv: index == 0 ? [] : Array(",".utf8)
            case .jsonl: Array((index == 0 ? "{\"\(field)\":" : ",\"\(field)\":").utf8)
            }
        }
        if format == .csv { bytes += Array((fields.joined(separator: ",") + "\n").utf8) }
    }

    /// True when it is time to write the bytes out.
    var isFull: Bool { bytes.count >= Self.limit }

    /// Forgets the bytes, which are written.
    mutating func removeBytes() { bytes.removeAll(keepingCapacity: true) }

    mutating func integer(_ number: Int) {
        begin()
        bytes.appendDecimal(number)
    }

    /// A number with two digits behind the point.
    mutating func hundredths(_ number: Int) {
        begin()
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        bytes.appendDecimal(abs(number) / 100)
        bytes.append(UInt8(ascii: "."))
        bytes.appendDecimal(abs(number) % 100, digits: 2)
    }

    /// The original writes Python's `True` and `False` in CSV.
    mutating func flag(_ flag: Bool) {
        begin()
        switch format {
        case .csv: bytes += flag ? Self.pythonTrue : Self.pythonFalse
        case .jsonl: bytes += flag ? Self.jsonTrue : Self.jsonFalse
        }
    }

    mutating func null() {
        begin()
        if format == .jsonl { bytes += Self.jsonNull }
    }

    mutating func text(_ text: String) {
        self.text { $0 += Array(text.utf8) }
    }

    /// A text that `compose` appends; it is quoted and escaped where it must be.
    mutating func text(_ compose: (inout [UInt8]) -> Void) {
        begin()
        if format == .jsonl { bytes.append(Self.quote) }
        let start = bytes.count
        compose(&bytes)
        switch format {
        case .csv: quote(from: start)
        case .jsonl:
            escape(from: start)
            bytes.append(Self.quote)
        }
    }

    mutating func endRow() {
        precondition(column == prefixes.count, "a row has all of its fields")
        if format == .jsonl { bytes.append(UInt8(ascii: "}")) }
        bytes.append(Self.newline)
        column = 0
        rows += 1
    }

    private mutating func begin() {
        bytes += prefixes[column]
        column += 1
    }

    private mutating func quote(from start: Int) {
        guard
            has(Self.quote, from: start) || has(UInt8(ascii: ","), from: start)
                || has(Self.newline, from: start)
        else { return }
        let text = bytes[start...]
        var quoted: [UInt8] = [Self.quote]
        for byte in text {
            if byte == Self.quote { quoted.append(byte) }
            quoted.append(byte)
        }
        quoted.append(Self.quote)
        bytes.replaceSubrange(start..., with: quoted)
    }

    private mutating func escape(from start: Int) {
        guard has(Self.quote, from: start) || has(Self.newline, from: start) else { return }
        var escaped: [UInt8] = []
        for byte in bytes[start...] {
            switch byte {
            case Self.quote: escaped += [UInt8(ascii: "\\"), byte]
            case Self.newline: escaped += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
            default: escaped.append(byte)
            }
        }
        bytes.replaceSubrange(start..., with: escaped)
    }

    private func has(_ byte: UInt8, from start: Int) -> Bool {
        bytes.withUnsafeBufferPointer { all in
            guard let base = all.baseAddress else { return false }
            return memchr(base + start, Int32(byte), all.count - start) != nil
        }
    }

    private static let limit = 1 << 18
    private static let reserve = limit + 1 << 14
    private static let quote = UInt8(ascii: "\"")
    private static let newline = UInt8(ascii: "\n")
    private static let pythonTrue = Array("True".utf8)
    private static let pythonFalse = Array("False".utf8)
    private static let jsonTrue = Array("true".utf8)
    private static let jsonFalse = Array("false".utf8)
    private static let jsonNull = Array("null".utf8)
}
