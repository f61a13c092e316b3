import Pipelines

/// Makes a record file and rejects of a CSV object that the engine's own reader does not take
/// whole: good records are kept, faulty ones are named, and a broken quote costs its own line only.
struct CSVRepair {
    let job: TransformJob
    let header: CSVHeader
    let object: Int
    /// The object was cut: what its last line break does not end is no whole record.
    var endsEarly = false

    /// Reads the whole object.
    ///
    /// - Parameter scanner: At the object's first byte behind the byte order mark.
    func read(
        _ scanner: consuming CSVScanner, into records: inout RecordFile,
        _ rejects: inout RejectFile
    ) throws(EngineError) {
        var scanner = scanner
        var isHeader = true
        while var record = scanner.next() {
            let isBlank = record.start == record.end
            if isBlank && (isHeader || header.names.count > 1) { continue }
            if isHeader {
                isHeader = false
                continue
            }
            if let refusal = check(&record, &scanner) {
                let raw = scanner.bytes[record.start..<record.end]
                try rejects.add(
                    Rejection(
                        object: object, line: record.line, field: refusal.field,
                        reason: refusal.reason, message: refusal.message,
                        raw: Rejection.text(UnsafeRawBufferPointer(rebasing: raw))))
            } else {
                write(record, scanner, into: &records)
                try records.endRecord()
            }
        }
    }

    private func check(
        _ record: inout CSVScanner.Record, _ scanner: inout CSVScanner
    ) -> Refusal? {
        if let (reason, message) = record.fault { return Refusal(reason, message) }
        let bytes = UnsafeRawBufferPointer(
            rebasing: scanner.bytes[record.start..<record.end])
        let isCut = endsEarly && record.end == scanner.bytes.count
        let cut = Refusal(.malformed, "the object ends early, in this record")
        let found = scanner.fields.count
        let expected = header.names.count
        guard found == expected else {
            if hidesRecord(record, scanner) {
                scanner.rewind(to: &record)
                return Refusal(.malformed, "a quote is opened and not closed in this record")
            }
            if isCut { return cut }
            return Refusal(
                found < expected ? .tooFewFields : .tooManyFields,
                "the record has \(found) fields; the header has \(expected)")
        }
        if isCut { return cut }
        let repeated = header.repeated
        let isHeader = repeated.allSatisfy { column, name in
            header.positions[column].map {
                scanner.value(scanner.fields[$0]).elementsEqual(name.utf8)
            } ?? false
        }
        if isHeader && !repeated.isEmpty { return Refusal(.malformed, CSVHeader.again) }
        guard isUTF8(bytes) else { return Refusal(.invalidUTF8, Self.noUTF8) }
        return forbidden(scanner) ?? jsonFault(scanner)
    }

    /// A value in a field that no column takes.
    private func forbidden(_ scanner: CSVScanner) -> Refusal? {
        for index in header.forbidden where !scanner.value(scanner.fields[index]).isEmpty {
            var strangers = Strangers(job, in: "the record")
            return strangers.meet(header.names[index])
        }
        return nil
    }

    private static let noUTF8 =
        "the record is not UTF-8; is it `csv: {encoding: windows-1252}`, or another one?"

    /// A record of the wrong width that spans lines, one of which is a good record of its own, is
    /// the work of a quote that was opened and not closed.
    private func hidesRecord(_ record: CSVScanner.Record, _ scanner: CSVScanner) -> Bool {
        var probe = scanner
        var outer = record
        probe.rewind(to: &outer)
        for _ in 0..<1_000 where probe.position < record.end {
            guard var inner = probe.next() else { return false }
            let isWhole = inner.fault == nil && inner.end <= record.end
            if isWhole && probe.fields.count == header.names.count && inner.end > inner.start {
                return true
            }
            probe.rewind(to: &inner)
        }
        return false
    }

    /// A cell of a `json` column must be JSON that the warehouse can keep, or mean null.
    private func jsonFault(_ scanner: CSVScanner) -> Refusal? {
        for (column, position) in zip(job.dataset.columns, header.positions) {
            guard column.type == .json, let position else { continue }
            let value = scanner.value(scanner.fields[position])
            if let refusal = Self.jsonFault(of: value, in: column) { return refusal }
        }
        return nil
    }

    /// What is wrong with the text of a `json` column.
    static func jsonFault(of value: [UInt8], in column: Column) -> Refusal? {
        let text = String(decoding: value, as: UTF8.self)
        if column.nulls.contains(text.trimmed) { return nil }
        guard let (reason, message) = value.withUnsafeBytes({ JSONText.fault(of: $0) }) else {
            return nil
        }
        return Refusal(reason, field: column.field, "\(Rejection.quoted(text)) \(message)")
    }

    private func write(
        _ record: CSVScanner.Record, _ scanner: CSVScanner, into records: inout RecordFile
    ) {
        records.number(record.line)
        records.number(record.start)
        records.number(record.end - record.start)
        for position in header.positions {
            guard let position else {
                records.null()
                continue
            }
            let field = scanner.fields[position]
            if field.isEscaped {
                scanner.value(field).withUnsafeBytes { records.bytes($0, 0..<$0.count) }
            } else {
                records.bytes(scanner.bytes, field.start..<field.end)
            }
        }
    }
}
