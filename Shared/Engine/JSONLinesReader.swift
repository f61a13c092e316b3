import Pipelines

/// Makes a record file and rejects of an object with one JSON object per line.
///
/// DuckDB's own JSON reader is not used: it turns `0.12345678901234567890` into a double and `4.10`
/// into `4.1`, and takes `{"a":NaN,}` for JSON.
struct JSONLinesReader {
    private let columns: [Column]
    private let refusesUnknown: Bool
    /// The place in `values` of each field.
    private let slots: [String: Int]
    private let columnSlots: [Int]
    private var values: [JSONScanner.Value?]
    private var text: [UInt8] = []

    init(_ dataset: Dataset) {
        columns = dataset.columns
        refusesUnknown = dataset.unknownFields == .refuse
        var slots: [String: Int] = [:]
        var columnSlots: [Int] = []
        for column in dataset.columns {
            let slot = slots[column.field] ?? slots.count
            slots[column.field] = slot
            columnSlots.append(slot)
        }
        self.slots = slots
        self.columnSlots = columnSlots
        values = Array(repeating: nil, count: slots.count)
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
                records.number(line.number)
                records.number(range.lowerBound)
                records.number(range.count)
                for index in columns.indices { write(index, bytes, into: &records) }
                try records.endRecord()
            }
        }
    }

    /// Finds the record's values; says why it is none.
    private mutating func parse(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Refusal? {
        guard range.count <= CSVScanner.recordLimit else {
            return Refusal(
                .tooLong, "the record is longer than \(CSVScanner.recordLimit >> 20) MiB")
        }
        guard isUTF8(UnsafeRawBufferPointer(rebasing: bytes[range])) else {
            return Refusal(.invalidUTF8, "the record is not UTF-8")
        }
        for slot in values.indices { values[slot] = nil }
        var refusal: Refusal?
        var scanner = JSONScanner(bytes, from: range.lowerBound, to: range.upperBound)
        do {
            try scanner.object { key, value in
                let found = note(bytes, key, value)
                refusal = refusal ?? found
            }
        } catch {
            let byte = error.position - range.lowerBound + 1
            return Refusal(.malformed, "not JSON: \(error.message) (byte \(byte) of the line)")
        }
        return refusal ?? obstacle(bytes, hasHugeNumber: scanner.hasHugeNumber)
    }

    private mutating func note(
        _ bytes: UnsafeRawBufferPointer, _ key: JSONScanner.Value, _ value: JSONScanner.Value
    ) -> Refusal? {
        text.removeAll(keepingCapacity: true)
        let isText = JSONText.decode(bytes, key, into: &text)
        let name = String(decoding: text, as: UTF8.self)
        guard isText, let slot = slots[name] else {
            guard refusesUnknown else { return nil }
            let near = Spelling.nearest(to: name, among: slots.keys.sorted())
            return Refusal(
                .unknownColumn, field: name,
                "the record has \(Rejection.quoted(name)), which is no field of the dataset"
                    + (near.map { " (the nearest is `\($0)`)" } ?? "")
                    + "; add a column for it, or set `unknown_fields: ignore`")
        }
        guard values[slot] == nil else {
            return Refusal(.malformed, field: name, "the record has `\(name)` twice")
        }
        values[slot] = value
        return nil
    }

    /// What is grammatical and still cannot be kept.
    private func obstacle(_ bytes: UnsafeRawBufferPointer, hasHugeNumber: Bool) -> Refusal? {
        for (column, slot) in zip(columns, columnSlots) {
            guard let value = values[slot] else { continue }
            let isNested = value.kind == .object || value.kind == .array
            if value.isEscaped || isNested,
                let (reason, message) = JSONText.obstacle(bytes, value)
            {
                return Refusal(reason, field: column.field, "`\(column.field)` \(message)")
            }
            if hasHugeNumber, column.type == .json, JSONText.hasHugeNumber(bytes, value) {
                return Refusal(
                    .outOfRange, field: column.field,
                    "`\(column.field)` holds a number of more digits than can be kept")
            }
        }
        return nil
    }

    private mutating func write(
        _ index: Int, _ bytes: UnsafeRawBufferPointer, into records: inout RecordFile
    ) {
        guard let value = values[columnSlots[index]], value.kind != .null else {
            return records.null()
        }
        if value.kind == .string && columns[index].type == .json {
            // With its quotes: a JSON text is a JSON value.
            records.bytes(bytes, (value.start - 1)..<(value.end + 1))
        } else if value.isEscaped {
            text.removeAll(keepingCapacity: true)
            _ = JSONText.decode(bytes, value, into: &text)
            text.withUnsafeBytes { records.bytes($0, 0..<$0.count) }
        } else {
            records.bytes(bytes, value.start..<value.end)
        }
    }
}
