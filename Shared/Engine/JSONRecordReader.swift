import Pipelines

/// Finds the values of one JSON object and writes them as a record.
///
/// DuckDB's own JSON reader is not used: it turns `0.12345678901234567890` into a double and `4.10`
/// into `4.1`, and takes `{"a":NaN,}` for JSON.
struct JSONRecordReader {
    private let job: TransformJob
    private let columns: [Column]
    /// Fields that no column takes.
    private(set) var strangers: Strangers
    /// The place in `values` of each field, and of each object that a field is looked for in.
    private var slots: [String: Int]
    /// Objects that fields are looked for in, by their path.
    private let parents: Set<String>
    private let columnSlots: [Int]
    /// Objects that no column takes are looked into.
    private let opensStrangers: Bool
    private var values: [JSONScanner.Value?]
    private var text: [UInt8] = []
    private var children: [JSONChildReader]
    private let childSlots: [Int]

    /// - Parameter owner: What has the fields, for messages.
    init(_ job: TransformJob, of owner: String = "the record") {
        let dataset = job.dataset
        self.job = job
        columns = dataset.columns
        strangers = Strangers(job, in: owner)
        children = dataset.childTables.map { JSONChildReader($0, job) }
        var slots: [String: Int] = [:]
        func slot(_ name: String) -> Int {
            let slot = slots[name] ?? slots.count
            slots[name] = slot
            return slot
        }
        columnSlots = dataset.columns.map { slot($0.field) }
        childSlots = dataset.childTables.map { slot($0.path) }
        let flattened = dataset.nested == .flatten ? dataset.columns.map(\.field) : []
        let parents = (flattened + dataset.childTables.map(\.path)).flatMap(Self.parents)
        for name in parents + (dataset.dropped ?? []) { _ = slot(name) }
        self.parents = Set(parents)
        // A look for new columns discards their values.
        let contract = dataset.contract.newColumns
        opensStrangers =
            dataset.nested == .flatten && (contract == .evolve || contract == .discardValue)
        self.slots = slots
        values = Array(repeating: nil, count: slots.count)
    }

    /// Finds the values of the object that starts where the scanner stands, and stops behind it.
    ///
    /// - Returns: Why the object cannot be a record, though it is JSON.
    mutating func find(_ scanner: inout JSONScanner) throws(JSONFault) -> Refusal? {
        for slot in values.indices { values[slot] = nil }
        let bytes = scanner.bytes
        var refusal: Refusal?
        try scanner.record { key, value in
            let found = note(bytes, key, value, in: "")
            refusal = refusal ?? found
        }
        return refusal ?? obstacle(bytes, hasHugeNumber: scanner.hasHugeNumber)
            ?? readChildren(bytes)
    }

    /// Reads the arrays whose elements are rows of tables of their own.
    private mutating func readChildren(_ bytes: UnsafeRawBufferPointer) -> Refusal? {
        for (index, slot) in childSlots.enumerated() {
            if let refusal = children[index].read(bytes, values[slot]) { return refusal }
            for field in children[index].newStrangers {
                if let refusal = strangers.meet(field) { return refusal }
            }
        }
        return nil
    }

    /// Writes the values that were found last.
    mutating func write(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, line: Int,
        into records: inout RecordFile
    ) throws(EngineError) {
        records.number(line)
        records.number(range.lowerBound)
        records.number(range.count)
        for index in columns.indices { write(index, bytes, into: &records) }
        for child in children { child.write(into: &records) }
        try records.endRecord()
    }

    /// Appends the values that were found last as a JSON array of texts and nulls, in the order of
    /// the columns.
    func append(_ bytes: UnsafeRawBufferPointer, to array: inout JSONTexts) {
        array.open()
        for (column, slot) in zip(columns, columnSlots) {
            array.append(bytes, values[slot], asJSON: column.type == .json)
        }
        array.close()
    }

    /// Why bytes of some length cannot be a record, whatever they say.
    static func obstacle(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Refusal? {
        guard range.count <= CSVScanner.recordLimit else {
            return Refusal(
                .tooLong, "the record is longer than \(CSVScanner.recordLimit >> 20) MiB")
        }
        let isText = isUTF8(UnsafeRawBufferPointer(rebasing: bytes[range]))
        return isText ? nil : Refusal(.invalidUTF8, "the record is not UTF-8")
    }

    /// `a` and `a.b` of `a.b.c`.
    private static func parents(of field: String) -> [String] {
        let names = field.split(separator: ".", omittingEmptySubsequences: false)
        return names.indices.dropFirst().map { names[..<$0].joined(separator: ".") }
    }

    private mutating func note(
        _ bytes: UnsafeRawBufferPointer, _ key: JSONScanner.Value, _ value: JSONScanner.Value,
        in prefix: String
    ) -> Refusal? {
        text.removeAll(keepingCapacity: true)
        let isText = JSONText.decode(bytes, key, into: &text)
        let name = prefix + String(decoding: text, as: UTF8.self)
        guard isText, let slot = slots[name] ?? slot(forStranger: name) else {
            // Where fields become columns, those inside of an object do; null may be such a one.
            if opensStrangers, value.kind == .object { return open(bytes, value, name) }
            return opensStrangers && value.kind == .null ? nil : strangers.meet(name)
        }
        guard values[slot] == nil else {
            return Refusal(.malformed, field: name, "the record has `\(name)` twice")
        }
        values[slot] = value
        return parents.contains(name) ? open(bytes, value, name) : nil
    }

    /// Another spelling of a new column's field.
    private mutating func slot(forStranger name: String) -> Int? {
        guard let column = job.column(forStranger: name) else { return nil }
        slots[name] = columnSlots[column]
        return columnSlots[column]
    }

    /// Looks for fields inside of an object.
    private mutating func open(
        _ bytes: UnsafeRawBufferPointer, _ value: JSONScanner.Value, _ name: String
    ) -> Refusal? {
        guard value.kind == .object else {
            let isLost = value.kind != .null && !columns.contains { $0.field == name }
            return isLost
                ? Refusal(
                    .badValue, field: name,
                    "`\(name)` is \(value.kind.noun); expected an object with the fields in it")
                : nil
        }
        var refusal: Refusal?
        var scanner = JSONScanner(bytes, from: value.start, to: value.end)
        do {
            try scanner.record { key, value in
                let found = note(bytes, key, value, in: name + ".")
                refusal = refusal ?? found
            }
        } catch {
            return Refusal(.malformed, field: name, "`\(name)` is not JSON: \(error.message)")
        }
        return refusal
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

extension JSONScanner.Value.Kind {
    /// What a value is, in a sentence.
    var noun: String {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .string: "a text"
        case .number: "a number"
        case .word: "true or false"
        case .null: "null"
        }
    }
}
