import Pipelines

/// Makes a record file and rejects of an object with one JSON object per line.
struct JSONLinesReader {
    private var reader: JSONRecordReader

    /// Fields that no column takes.
    var strangers: Strangers { reader.strangers }

    init(_ job: TransformJob) {
        reader = JSONRecordReader(job)
    }

    /// Whether an object whose name says only that it is JSON has one object per line: its first
    /// line that is not blank is one object, as far as its brackets tell.
    static func fits(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Bool {
        var lines = LineScanner(bytes, from: start)
        guard let line = lines.next()?.range else { return false }
        let indent = bytes[line].prefix { [0x20, 0x09, 0x0D].contains($0) }.count
        let first = line.lowerBound + indent
        return bytes[first] == UInt8(ascii: "{")
            && JSONBrackets.end(bytes, from: first, to: line.upperBound) == line.upperBound
    }

    /// Reads the whole object. Blank lines are no records.
    ///
    /// - Parameter start: Behind the byte order mark.
    mutating func read(
        _ bytes: UnsafeRawBufferPointer, from start: Int, object: Int,
        into records: inout RecordFile, _ rejects: inout RejectFile
    ) throws(EngineError) {
        var lines = LineScanner(bytes, from: start)
        while let line = lines.next() {
            let range = line.range
            if let refusal = parse(bytes, range) {
                let raw = UnsafeRawBufferPointer(rebasing: bytes[range])
                try rejects.add(
                    Rejection(
                        object: object, line: line.number, field: refusal.field,
                        reason: refusal.reason, message: refusal.message,
                        raw: Rejection.text(raw)))
            } else {
                try reader.write(bytes, range, line: line.number, into: &records)
            }
        }
    }

    /// Finds the record's values; says why it is none.
    private mutating func parse(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Refusal? {
        if let obstacle = JSONRecordReader.obstacle(bytes, range) { return obstacle }
        var scanner = JSONScanner(bytes, from: range.lowerBound, to: range.upperBound)
        do {
            scanner.skipBlanks()
            let refusal = try reader.find(&scanner)
            try scanner.endOfText()
            return refusal
        } catch {
            let byte = error.position - range.lowerBound + 1
            return Refusal(.malformed, "not JSON: \(error.message) (byte \(byte) of the line)")
        }
    }
}
