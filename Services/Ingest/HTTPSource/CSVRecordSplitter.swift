import Events
import Pipelines

/// Cuts delimited text with a header line into JSON objects of texts.
///
/// A line with another number of fields than the header becomes an array: the engine rejects it,
/// with what it holds.
struct CSVRecordSplitter: RecordSplitter {
    private static let limitBytes = 16 << 20

    let found: String? = nil
    private let delimiter: UInt8
    private let quote: UInt8
    /// Names in quotes, with their colon.
    private var header: [[UInt8]]?
    private var fields: [[UInt8]] = []
    private var field: [UInt8] = []
    private var bytes = 0
    private var isQuoted = false
    private var wasQuote = false
    private var isLineEmpty = true
    private var byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    init(_ dialect: CSVFormat) {
        delimiter = dialect.delimiter.utf8.first ?? UInt8(ascii: ",")
        quote = dialect.quote.utf8.first ?? UInt8(ascii: "\"")
    }

    mutating func take(
        _ bytes: UnsafeRawBufferPointer, into output: inout some RecordOutput
    ) throws {
        for byte in bytes { try take(byte, &output) }
    }

    mutating func finish(into output: inout some RecordOutput) throws {
        guard !isQuoted || wasQuote else {
            throw PollFailure(.transient, "http.cut", "the answer ends inside of quotes")
        }
        try endLine(&output)
        guard header != nil else {
            throw PollFailure(.transient, "http.no_csv", "the answer is empty: a header is missing")
        }
    }

    private mutating func take(_ byte: UInt8, _ output: inout some RecordOutput) throws {
        if header == nil, isLineEmpty, byte == byteOrderMark.first {
            byteOrderMark.removeFirst()
            return
        }
        if isQuoted {
            if wasQuote {
                wasQuote = false
                if byte == quote { return add(byte) }
                isQuoted = false
            } else if byte == quote {
                wasQuote = true
                return
            } else {
                return try addCounted(byte)
            }
        }
        switch byte {
        case quote where field.isEmpty: (isQuoted, isLineEmpty) = (true, false)
        case delimiter: endField()
        case 0x0A: try endLine(&output)
        case 0x0D: break
        default: try addCounted(byte)
        }
    }

    private mutating func add(_ byte: UInt8) { field.append(byte) }

    private mutating func addCounted(_ byte: UInt8) throws {
        isLineEmpty = false
        bytes += 1
        guard bytes <= Self.limitBytes else {
            throw PollFailure(.permanent, "http.too_long", "a line of the answer is too long")
        }
        add(byte)
    }

    private mutating func endField() {
        isLineEmpty = false
        fields.append(field)
        field.removeAll(keepingCapacity: true)
    }

    private mutating func endLine(_ output: inout some RecordOutput) throws {
        defer { (fields, isLineEmpty, bytes, isQuoted, wasQuote) = ([], true, 0, false, false) }
        guard !isLineEmpty else { return }
        endField()
        let texts = fields.map { JSONBytes.quoted($0[...]) }
        guard let header else {
            guard texts.first?.starts(with: "\"<".utf8) != true else {
                throw PollFailure(
                    .transient, "http.no_csv", "the answer is HTML or XML, not CSV; a login page?")
            }
            header = texts.map { $0 + [UInt8(ascii: ":")] }
            return
        }
        let record: [UInt8] =
            if texts.count == header.count {
                [UInt8(ascii: "{")]
                    + Array(
                        zip(header, texts).map { $0 + $1 }.joined(separator: [UInt8(ascii: ",")]))
                    + [UInt8(ascii: "}")]
            } else {
                JSONBytes.array(texts)
            }
        try record.withUnsafeBytes { try output.add($0) }
        try output.endRecord()
    }
}
