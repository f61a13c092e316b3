import Outbound
import Pipelines
import Spool
import Synchronization

/// Takes one page of an answer into a segment, record by record, while it arrives.
final class PageReceiver: HTTPBodySink {
    /// What was in a page.
    struct Page {
        /// Nil where every record is taken.
        var novelty: Novelty?
        /// All records of it.
        var records: Int
        /// Those that were written.
        var written: Int
        /// What stands where the next page's name should be.
        var next: String?
    }

    private struct State {
        var splitter: JSONRecordSplitter
        var output: RecordWriter
    }

    private let state: Mutex<State>

    /// - Parameter novelty: Nil where every record is taken.
    init(_ source: HTTPSource, _ novelty: Novelty?, into segment: GrowingSegment) {
        let wanted: [String]? =
            switch source.pages {
            case .next(let path), .bookmark(let path, _): path
            case .linkHeader, .number, .offset, nil: nil
            }
        state = Mutex(
            State(
                splitter: JSONRecordSplitter(path: source.records, wanted: wanted),
                output: RecordWriter(segment, novelty)))
    }

    func take(_ bytes: UnsafeRawBufferPointer) throws {
        try state.withLock { try $0.splitter.take(bytes, into: &$0.output) }
    }

    /// What was in the page, which is over.
    ///
    /// - Parameter hasBody: False where the status says that there is none.
    /// - Throws: `PollFailure` when it is not whole, or has no records.
    func finish(hasBody: Bool) throws -> Page {
        try state.withLock { state in
            if hasBody { try state.splitter.finish(into: &state.output) }
            try state.output.flush()
            let output = state.output
            return Page(
                novelty: output.novelty, records: output.records, written: output.written,
                next: state.splitter.found)
        }
    }
}

/// Writes the new ones of the records that it is given into a segment, a line each.
struct RecordWriter: RecordOutput {
    /// A longer record is handed on as it is, for the engine to reject.
    private static let recordLimit = 16 << 20
    private static let pieceBytes = 256 << 10

    private let segment: GrowingSegment
    private(set) var novelty: Novelty?
    private(set) var records = 0
    private(set) var written = 0
    private var record: [UInt8] = []
    private var isTooLong = false
    private var lines: [UInt8] = []

    init(_ segment: GrowingSegment, _ novelty: Novelty?) {
        self.segment = segment
        self.novelty = novelty
    }

    mutating func add(_ bytes: UnsafeRawBufferPointer) throws {
        record.append(contentsOf: bytes)
        guard record.count > Self.recordLimit else { return }
        isTooLong = true
        try flush()
        try record.withUnsafeBytes { try segment.write($0) }
        record = []
    }

    mutating func endRecord() throws {
        records += 1
        let isNew = try isTooLong || record.withUnsafeBytes { try novelty?.isNew($0) ?? true }
        if isNew {
            written += 1
            lines += record
            lines.append(0x0A)
        }
        isTooLong = false
        record.removeAll(keepingCapacity: record.capacity < 1 << 20)
        if lines.count >= Self.pieceBytes { try flush() }
    }

    /// Writes what waits in memory.
    mutating func flush() throws {
        try lines.withUnsafeBytes { try segment.write($0) }
        lines.removeAll(keepingCapacity: true)
    }
}
