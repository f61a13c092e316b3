/// A document around one record, in which the keys of a format's path lead to it.
struct JSONEnvelope {
    private let opening: [UInt8]
    private let closing: [UInt8]

    /// - Parameter path: Empty where a record is a document of its own.
    init(_ path: [String]) {
        opening = path.flatMap { Array("{\(JSONText.quoted($0)):".utf8) }
        closing = Array(repeating: UInt8(ascii: "}"), count: path.count)
    }

    /// Writes a record as it stands in an object, with the document around it, on a line.
    func write(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, to file: inout RecordFile
    ) throws {
        try (opening + bytes[range] + closing).withUnsafeBytes { document in
            try file.line(document, 0..<document.count)
        }
    }

    /// Where the documents of an object start, as far as they can be read.
    static func documents(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Set<Int> {
        var scanner = JSONScanner(bytes, from: start, to: bytes.count)
        var starts: Set<Int> = []
        do {
            scanner.skipBlanks()
            while scanner.peek != nil {
                starts.insert(scanner.position)
                _ = try scanner.value()
                scanner.skipBlanks()
            }
        } catch {
            // Nothing behind the fault was read as a document.
            return starts
        }
        return starts
    }
}
