public import Pipelines

/// Copies records of a raw object as they stand in it, behind the object's header: what is read of
/// the copy is what was read of the object.
public struct RecordExtraction: Sendable {
    /// A record that is wanted.
    public struct Wanted: Sendable {
        /// Where it starts, from 1.
        public let line: Int
        /// What is known of its text; it may be cut.
        var raw: String?
        /// `line` was counted by records: it is one only where no record before has several lines.
        var isCounted: Bool

        public init(line: Int, raw: String?, isCounted: Bool) {
            self.line = line
            self.raw = raw
            self.isCounted = isCounted
        }
    }

    private let dataset: Dataset
    private let object: InputObject
    private let scratch: String

    /// - Parameter scratch: A folder of its own; the caller deletes it afterwards.
    public init(dataset: Dataset, object: InputObject, scratch: String) {
        self.dataset = dataset
        self.object = object
        self.scratch = scratch
    }

    /// Writes the records into the file `path`.
    ///
    /// - Parameter wanted: In the order of their lines.
    /// - Returns: The lines at which no record could be told.
    /// - Throws: `EngineError` where the object cannot be cut into records, or not be written.
    public func write(_ wanted: [Wanted], to path: String) async throws -> [Int] {
        let job = TransformJob(
            dataset: dataset, objects: [object], processed: "", rejects: "", scratch: scratch)
        let source: String
        do {
            let limits = EngineLimits()
            // Unpacking asks nothing of the engine's program.
            let program = DuckDBProgram(program: "duckdb", limits: limits)
            source = try await Preparation(job: job, limits: limits, program: program)
                .unpacked(0, object).path
        } catch let refusal as Refusal {
            throw EngineError(.input, refusal.message)
        }
        let inspection = Inspection(job: job, object: object)
        return try MappedFile.read(source) { bytes in
            var file = try RecordFile(path)
            do {
                let missing = try copy(wanted, of: bytes, inspection, to: &file)
                try file.flush()
                return missing
            } catch let refusal as Refusal {
                throw EngineError(.input, refusal.message)
            }
        }
    }

    private func copy(
        _ wanted: [Wanted], of bytes: UnsafeRawBufferPointer, _ inspection: Inspection,
        to file: inout RecordFile
    ) throws -> [Int] {
        // A record of Parquet is no run of bytes.
        if inspection.format == .parquet { return wanted.map(\.line) }
        let start = try Inspection.textStart(of: bytes)
        switch inspection.format(of: bytes, from: start) {
        case .csv(let csv), .byName(let csv):
            var scanner = CSVScanner(bytes, csv, from: start)
            var header = scanner.next()
            while let blank = header, blank.start == blank.end { header = scanner.next() }
            guard let header else { return wanted.map(\.line) }
            try file.line(bytes, header.start..<header.end)
            let plain = wanted.contains(where: \.isCounted) ? plainLines(&scanner, header) : 0
            return try pick(
                wanted, LineStarts(bytes, from: start, endsAtReturn: true), bytes, &file
            ) { at, one in
                if one.isCounted, one.line > plain { return nil }
                var scanner = CSVScanner(bytes, csv, from: at)
                return scanner.next().map { $0.start..<exactEnd(of: one, bytes, at, or: $0.end) }
            }
        case .jsonLines:
            return try pick(
                wanted, LineStarts(bytes, from: start, endsAtReturn: false), bytes, &file
            ) { at, _ in at..<(bytes[at...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count) }
        case .json(let format):
            let documents = format.path.isEmpty ? [] : JSONEnvelope.documents(bytes, from: start)
            return try pick(
                wanted, LineStarts(bytes, from: start, endsAtReturn: false), bytes, &file,
                in: JSONEnvelope(format.path)
            ) { at, one in
                // A document that holds no records is none itself.
                exactRange(of: one, bytes, at).flatMap {
                    documents.contains($0.lowerBound) ? nil : $0
                }
            }
        case .parquet: return wanted.map(\.line)
        }
    }

    /// Copies the records of each line, all of them or none.
    private func pick(
        _ wanted: [Wanted], _ lines: LineStarts, _ bytes: UnsafeRawBufferPointer,
        _ file: inout RecordFile, in envelope: JSONEnvelope? = nil,
        _ find: (Int, Wanted) -> Range<Int>?
    ) throws -> [Int] {
        var lines = lines
        var missing: [Int] = []
        var rest = wanted[...]
        while let first = rest.first {
            let ofLine = rest.prefix { $0.line == first.line }
            rest = rest.dropFirst(ofLine.count)
            let start = lines.start(of: first.line)
            let ranges = ofLine.compactMap { one in start.flatMap { find($0, one) } }
            if ranges.count < ofLine.count {
                missing += ofLine.map(\.line)
            } else {
                for range in ranges {
                    if let envelope {
                        try envelope.write(bytes, range, to: &file)
                    } else {
                        try file.line(bytes, range)
                    }
                }
            }
        }
        return missing
    }

    /// Up to which line every record is a line of its own, so that counting the ones is counting
    /// the others.
    private func plainLines(
        _ scanner: inout CSVScanner, _ header: CSVScanner.Record
    ) -> Int {
        var last = header.line
        guard last == 1 else { return 0 }
        while let record = scanner.next(), record.line == last + 1, record.start < record.end {
            last = record.line
        }
        return last
    }

    /// A record with a broken quote ends where it was cut off, which only its text says.
    private func exactEnd(
        of wanted: Wanted, _ bytes: UnsafeRawBufferPointer, _ start: Int, or end: Int
    ) -> Int {
        guard let raw = wanted.raw?.utf8, !raw.isEmpty, raw.count < Rejection.rawLimit,
            bytes[start...].starts(with: raw)
        else { return end }
        return start + raw.count
    }

    /// Where a record's text stands, at or shortly behind the start of its line.
    private func exactRange(
        of wanted: Wanted, _ bytes: UnsafeRawBufferPointer, _ start: Int
    ) -> Range<Int>? {
        guard let raw = wanted.raw.map({ Array($0.utf8) }), !raw.isEmpty,
            raw.count < Rejection.rawLimit
        else { return nil }
        let line = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        return (start...line).first { bytes[$0...].starts(with: raw) }
            .map { $0..<($0 + raw.count) }
    }
}

/// Finds where lines start, going forward only.
private struct LineStarts {
    private let bytes: UnsafeRawBufferPointer
    private let endsAtReturn: Bool
    private var position: Int
    private var line = 1

    init(_ bytes: UnsafeRawBufferPointer, from start: Int, endsAtReturn: Bool) {
        self.bytes = bytes
        self.endsAtReturn = endsAtReturn
        position = start
    }

    mutating func start(of wanted: Int) -> Int? {
        while line < wanted, position < bytes.count {
            let byte = bytes[position]
            position += 1
            let isLineFeed = byte == UInt8(ascii: "\n")
            let isReturn =
                endsAtReturn && byte == UInt8(ascii: "\r")
                && (position == bytes.count || bytes[position] != UInt8(ascii: "\n"))
            if isLineFeed || isReturn { line += 1 }
        }
        return line == wanted && position < bytes.count ? position : nil
    }
}
