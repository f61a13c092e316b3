import Events
import XML

/// Cuts an XML answer into the elements that a path leads to, and writes each as a JSON object.
struct XMLRecordSplitter: RecordSplitter {
    private let builder: XMLRecordBuilder
    private let stream: XMLStream
    private var hasBegun = false
    let found: String? = nil

    /// - Parameters:
    ///   - path: The elements that lead to the records, from the outermost on; empty where that is
    ///     the one record.
    ///   - lists: Elements that are arrays, however often they come.
    init(path: [String], lists: [String]) {
        let builder = XMLRecordBuilder(path: path, lists: Set(lists))
        self.builder = builder
        stream = XMLStream(builder)
    }

    mutating func take(
        _ bytes: UnsafeRawBufferPointer, into output: inout some RecordOutput
    ) throws {
        var bytes = bytes
        if !hasBegun {
            // Some begin with an empty line, which no declaration may have before it.
            let blanks = bytes.prefix { [0x20, 0x09, 0x0A, 0x0D].contains($0) }.count
            bytes = UnsafeRawBufferPointer(rebasing: bytes[blanks...])
            guard let first = bytes.first else { return }
            hasBegun = true
            // Of UTF-8 and UTF-16: the mark of the order of bytes.
            if first != UInt8(ascii: "<"), first < 0xEF, first != 0 { throw fault("it is no XML") }
        }
        do { try stream.take(bytes) } catch {
            // What came before the fault counts for nothing.
            throw fault(error.description)
        }
        try handOn(&output)
    }

    mutating func finish(into output: inout some RecordOutput) throws {
        guard hasBegun else { throw fault("it is empty") }
        do { try stream.finish() } catch { throw fault(error.description) }
        try handOn(&output)
        guard builder.hasPlace else {
            let names = builder.names.map { "`\($0)`" }.joined(separator: ", ")
            let there = names.isEmpty ? "" : "; there is \(names)"
            throw PollFailure(
                .transient, "http.no_records",
                "no `\(builder.path.joined(separator: "."))` in the answer\(there)")
        }
    }

    private func handOn(_ output: inout some RecordOutput) throws {
        for record in builder.takeRecords() {
            try record.withUnsafeBytes { try output.add($0) }
            try output.endRecord()
        }
        guard !builder.isTooLong else {
            throw PollFailure(.permanent, "http.too_long", "a record of the answer is too long")
        }
    }

    private func fault(_ reason: String) -> PollFailure {
        PollFailure(.transient, "http.no_xml", "the answer cannot be read as XML: \(reason)")
    }
}
