import Pipelines

/// Reads an array inside of a record, whose elements become rows of a table of their own.
///
/// It makes one JSON text of them, an array of arrays of texts and nulls in the order of the
/// child's columns: DuckDB's own JSON reader changes no text, only numbers.
struct JSONChildReader {
    private let child: Child
    private var reader: JSONRecordReader
    private var texts = JSONTexts()
    /// How many of the fields that no column takes were told of.
    private var told = 0
    /// The fields that no column takes and that the array which was read last is the first to have;
    /// none where the contract rejects its record for them.
    private(set) var newStrangers: [String] = []
    private let rejectsStrangers: Bool

    init(_ child: Child, _ job: TransformJob) {
        self.child = child
        rejectsStrangers = job.dataset.contract.newColumns == .discardRow
        var job = job
        job.dataset.columns = child.columns
        job.dataset.children = nil
        job.dataset.dropped = child.dropped
        reader = JSONRecordReader(job, of: "an element of `\(child.path)`")
    }

    /// Reads a record's array. Where there is none, or null, there are no elements.
    ///
    /// - Returns: Why the record cannot go on.
    mutating func read(_ bytes: UnsafeRawBufferPointer, _ value: JSONScanner.Value?) -> Refusal? {
        texts.begin()
        newStrangers = []
        if let value, value.kind != .null {
            guard value.kind == .array else {
                return Refusal(
                    .badValue, field: child.path,
                    "`\(child.path)` is \(value.kind.noun); expected an array")
            }
            var scanner = JSONScanner(bytes, from: value.start, to: value.end)
            do {
                if let refusal = try elements(&scanner) { return refusal }
            } catch {
                return Refusal(
                    .malformed, field: child.path, "`\(child.path)` is not JSON: \(error.message)")
            }
            tell()
        }
        texts.end()
        guard texts.count <= CSVScanner.recordLimit else {
            return Refusal(
                .tooLong, field: child.path,
                "`\(child.path)` is longer than \(CSVScanner.recordLimit >> 20) MiB as a table")
        }
        return nil
    }

    /// Writes the elements that were read last, as one text.
    func write(into records: inout RecordFile) {
        texts.bytes.withUnsafeBytes { records.bytes($0, 0..<$0.count) }
    }

    private mutating func tell() {
        guard !rejectsStrangers, reader.strangers.fields.count > told else { return }
        newStrangers = reader.strangers.fields.dropFirst(told).map { "\(child.path)[].\($0)" }
        told = reader.strangers.fields.count
    }

    private mutating func elements(_ scanner: inout JSONScanner) throws(JSONFault) -> Refusal? {
        _ = scanner.take(UInt8(ascii: "["))
        scanner.skipBlanks()
        var number = 0
        while !scanner.take(UInt8(ascii: "]")) {
            number += 1
            if let refusal = try element(&scanner) { return placed(refusal, number) }
            scanner.skipBlanks()
            _ = scanner.take(UInt8(ascii: ","))
            scanner.skipBlanks()
        }
        return nil
    }

    private mutating func element(_ scanner: inout JSONScanner) throws(JSONFault) -> Refusal? {
        if !child.isPlain, scanner.peek == UInt8(ascii: "{") {
            if let refusal = try reader.find(&scanner) { return refusal }
            reader.append(scanner.bytes, to: &texts)
            return nil
        }
        var own = JSONScanner(scanner.bytes, from: scanner.position, to: scanner.bytes.count)
        let value = try own.value()
        scanner.position = own.position
        guard child.isPlain, let column = child.columns.first else {
            return Refusal(.badValue, "it is \(value.kind.noun); expected an object")
        }
        if value.isEscaped || value.kind == .object || value.kind == .array,
            let (reason, message) = JSONText.obstacle(scanner.bytes, value)
        {
            return Refusal(reason, "it \(message)")
        }
        if own.hasHugeNumber, column.type == .json {
            return Refusal(.outOfRange, "it holds a number of more digits than can be kept")
        }
        texts.append(scanner.bytes, value, asJSON: column.type == .json)
        return nil
    }

    /// Says which element it is about.
    private func placed(_ refusal: Refusal, _ number: Int) -> Refusal {
        var refusal = refusal
        refusal.field = refusal.field.map { "\(child.path)[].\($0)" } ?? "\(child.path)[]"
        refusal.message = "`\(child.path)`, element \(number): \(refusal.message)"
        return refusal
    }
}
