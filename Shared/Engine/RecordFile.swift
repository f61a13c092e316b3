/// A file of records in the one form that every engine reads without doubt: comma, every value in
/// quotes, `\N` without quotes for null, line feeds.
struct RecordFile: ~Copyable {
    private let file: OutputFile
    private var buffer: [UInt8] = []
    private var isFirstField = true
    private static let capacity = 1 << 20

    /// Makes the file, or empties it.
    init(_ path: String) throws(EngineError) {
        file = try OutputFile(path)
        buffer.reserveCapacity(Self.capacity + (64 << 10))
    }

    mutating func null() {
        separate()
        buffer.append(UInt8(ascii: "\\"))
        buffer.append(UInt8(ascii: "N"))
    }

    mutating func number(_ number: Int) {
        separate()
        buffer.append(contentsOf: String(number).utf8)
    }

    mutating func text(_ text: String?) {
        guard var text else { return null() }
        text.withUTF8 { bytes(UnsafeRawBufferPointer($0), 0..<$0.count) }
    }

    mutating func bytes(_ source: UnsafeRawBufferPointer, _ range: Range<Int>) {
        separate()
        let quote = UInt8(ascii: "\"")
        buffer.append(quote)
        var rest = source[range]
        while let index = rest.firstIndex(of: quote) {
            buffer.append(contentsOf: rest[...index])
            buffer.append(quote)
            rest = rest[(index + 1)...]
        }
        buffer.append(contentsOf: rest)
        buffer.append(quote)
    }

    /// Bytes as they stand, and the end of a line.
    mutating func line(
        _ source: UnsafeRawBufferPointer, _ range: Range<Int>
    ) throws(EngineError) {
        buffer.append(contentsOf: source[range])
        try endRecord()
    }

    mutating func endRecord() throws(EngineError) {
        buffer.append(UInt8(ascii: "\n"))
        isFirstField = true
        if buffer.count >= Self.capacity { try flush() }
    }

    /// Writes what is still in memory.
    mutating func flush() throws(EngineError) {
        try file.write(buffer[...])
        buffer.removeAll(keepingCapacity: true)
    }

    private mutating func separate() {
        if !isFirstField { buffer.append(UInt8(ascii: ",")) }
        isFirstField = false
    }
}
