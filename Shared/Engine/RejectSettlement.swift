import Pipelines

/// Gives the rejects of the engine's program their line and their raw text, which only the object
/// itself knows. It costs nothing where nothing was rejected.
struct RejectSettlement {
    let job: TransformJob
    let plans: [ObjectPlan]

    /// One line of the file in which the program left a reject.
    private struct Found {
        var object: Int
        /// The record's place in the object, from 0.
        var place: Int
        /// Known where the object was read from a record file.
        var line: Int?
        var start: Int
        var length: Int
        var fault: FieldFault
        var value: String?
        /// Known where the object is no text.
        var raw: String?
    }

    /// Reads the program's rejects and writes them out in full.
    func settle(_ path: String, into rejects: inout RejectFile) throws {
        try MappedFile.read(path) { bytes in
            var rows = CSVScanner(bytes, CSVFormat(), from: 0)
            var next = try self.next(&rows)
            while let first = next {
                let plan = plans[first.object]
                next = try MappedFile.read(plan.path) { object in
                    try settle(plan, object, from: first, &rows, into: &rejects)
                }
            }
        }
    }

    /// Writes out the rejects of one object.
    ///
    /// - Returns: The first one of the next object.
    private func settle(
        _ plan: ObjectPlan, _ object: UnsafeRawBufferPointer, from first: Found,
        _ rows: inout CSVScanner, into rejects: inout RejectFile
    ) throws -> Found? {
        var records = RecordFinder(plan, object)
        var next: Found? = first
        while let found = next, found.object == plan.index {
            let (line, range) =
                found.line.map { ($0, found.start..<(found.start + found.length)) }
                ?? records.record(found.place)
            let raw = UnsafeRawBufferPointer(rebasing: object[range])
            try rejects.add(
                Rejection(
                    object: plan.index, line: line, field: found.fault.field,
                    reason: found.fault.reason, message: found.fault.message(found.value),
                    raw: found.raw ?? Rejection.text(raw), value: found.value,
                    isOfKey: job.dataset.isOfKey(found.fault.column)))
            next = try self.next(&rows)
        }
        return next
    }

    private func next(_ rows: inout CSVScanner) throws(EngineError) -> Found? {
        guard rows.next() != nil else { return nil }
        let texts = rows.fields.map { field -> String? in
            let text = String(decoding: rows.value(field), as: UTF8.self)
            return text == "\\N" && !field.isQuoted ? nil : text
        }
        let numbers = texts.prefix(6).map { $0.flatMap { Int($0) } }
        guard texts.count == 8, let object = numbers[0], plans.indices.contains(object),
            let place = numbers[1], let code = numbers[5],
            let fault = FieldFault(code: code, in: job.dataset.allColumns)
        else { throw EngineError(.crashed, "the program's list of rejects cannot be read") }
        return Found(
            object: object, place: place, line: numbers[2], start: numbers[3] ?? 0,
            length: numbers[4] ?? 0, fault: fault, value: texts[6], raw: texts[7])
    }
}

/// Finds records of a CSV object by their place, going forward only.
struct RecordFinder {
    private var scanner: CSVScanner
    private let skipsBlank: Bool
    private var place = -2
    private var last: CSVScanner.Record?

    init(_ plan: ObjectPlan, _ bytes: UnsafeRawBufferPointer) {
        var format = CSVFormat()
        var width = 2
        if case .csv(let csv, let header) = plan.reading {
            format = csv
            width = header.names.count
        }
        scanner = CSVScanner(
            bytes, format, from: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
        skipsBlank = width > 1
    }

    /// The line and the bytes of a record.
    mutating func record(_ wanted: Int) -> (line: Int?, range: Range<Int>) {
        while place < wanted, let record = scanner.next() {
            let isHeader = place == -2
            if record.start == record.end && (skipsBlank || isHeader) { continue }
            place = isHeader ? -1 : place + 1
            last = record
        }
        guard place == wanted, let last else { return (nil, 0..<0) }
        return (last.line, last.start..<last.end)
    }
}
