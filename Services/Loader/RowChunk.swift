import Foundation

/// Some of the rows that an engine writes, as whole records of CSV, in their order.
struct RowChunk: Sendable {
    /// Each record with its line break.
    private(set) var bytes: [UInt8] = []
    /// Where each record ends.
    private var ends: [Int] = []
    /// How many lines the records have up to each one's end.
    private var lines: [Int] = []
    /// The `_line` of each.
    private(set) var sources: [Int?] = []

    var count: Int { ends.count }

    /// - Parameters:
    ///   - record: Without its line break.
    ///   - source: The line of its object where it came from.
    mutating func append(_ record: ArraySlice<UInt8>, from source: Int?) {
        bytes += record
        bytes.append(UInt8(ascii: "\n"))
        ends.append(bytes.count)
        lines.append((lines.last ?? 0) + 1 + record.count { $0 == UInt8(ascii: "\n") })
        sources.append(source)
    }

    /// The records of a range.
    func bytes(of rows: Range<Int>) -> ArraySlice<UInt8> {
        bytes[start(of: rows.lowerBound)..<start(of: rows.upperBound)]
    }

    /// The record with the line `line`, counted from 1 at the first record of `rows`.
    func row(at line: Int, of rows: Range<Int>) -> Int? {
        let before = rows.lowerBound == 0 ? 0 : lines[rows.lowerBound - 1]
        return rows.first { lines[$0] >= before + line }
    }

    /// The values of a record, by the names of its columns, as JSON, Millrace's own left out; and
    /// the last one.
    func values(of row: Int, _ columns: [String]) throws -> (json: String, last: String?) {
        let fields = fields(of: row)
        let pairs = zip(columns, fields).filter { !$0.0.hasPrefix("_") }.map { ($0, $1) }
        let values = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let json = String(decoding: try encoder.encode(values), as: UTF8.self)
        return (json, fields.last ?? nil)
    }

    private func start(of row: Int) -> Int { row == 0 ? 0 : ends[row - 1] }

    /// Nil where the record says null.
    private func fields(of row: Int) -> [String?] {
        var fields: [String?] = []
        var field: [UInt8] = []
        var isQuoted = false
        var hasQuotes = false
        for byte in bytes(of: row..<row + 1) {
            switch byte {
            case UInt8(ascii: "\""):
                // The second of two quotes stands for one.
                if !isQuoted, hasQuotes { field.append(byte) }
                isQuoted.toggle()
                hasQuotes = true
            case UInt8(ascii: ",") where !isQuoted, UInt8(ascii: "\n") where !isQuoted:
                let text = String(decoding: field, as: UTF8.self)
                    .replacing("\0", with: "\u{2400}")
                fields.append(text == "\\N" && !hasQuotes ? nil : text)
                field = []
                hasQuotes = false
            default: field.append(byte)
            }
        }
        return fields
    }
}
