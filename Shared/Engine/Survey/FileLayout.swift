import Pipelines

/// How a file is laid out: its format, and the names of its fields.
struct FileLayout {
    struct Field {
        let name: String
        /// Objects and lists of JSON are among its values.
        var isNested = false
    }

    let format: Format
    let fields: [Field]
    /// Names that stand there more than once; empty for a field without one.
    let unusable: [String]

    /// - Throws: `SurveyError` when it is neither delimited text nor JSON lines.
    init(_ path: String) throws {
        self = try MappedFile.read(path) { bytes in
            do {
                let start = try Inspection.textStart(of: bytes)
                let first = bytes[start...].first { !" \t\r\n".utf8.contains($0) }
                if first == UInt8(ascii: "{") { return try Self.jsonLines(bytes, from: start) }
                if first == UInt8(ascii: "[") {
                    throw SurveyError("the file is one JSON list; a guess needs CSV or JSON lines")
                }
                return try Self.csv(bytes, from: start)
            } catch let refusal as Refusal {
                throw SurveyError(refusal.message)
            }
        }
    }

    private init(format: Format, fields: [Field], unusable: [String] = []) {
        self.format = format
        self.fields = fields
        self.unusable = unusable
    }

    private static func csv(
        _ bytes: UnsafeRawBufferPointer, from start: Int
    ) throws -> FileLayout {
        let delimiters = [",", ";", "\t", "|"]
        let scored = delimiters.map { delimiter in
            (CSVFormat(delimiter: delimiter), score(delimiter, bytes, from: start))
        }
        let best = scored.max { $0.1 < $1.1 }
        let csv = best.map { $0.1 > 0 ? $0.0 : CSVFormat() } ?? CSVFormat()
        var scanner = CSVScanner(bytes, csv, from: start, limit: 1 << 20)
        var next = scanner.next()
        while let blank = next, blank.end == blank.start { next = scanner.next() }
        if let fault = next?.fault {
            throw SurveyError("the header cannot be read: \(fault.message)")
        }
        var names: [String] = []
        for field in scanner.fields {
            let value = scanner.value(field)
            guard !value.contains(0), let name = String(validating: value, as: UTF8.self) else {
                throw SurveyError("the header is not UTF-8 text; is this a CSV file at all?")
            }
            names.append(name.trimmed)
        }
        var counts: [String: Int] = [:]
        for name in names { counts[name, default: 0] += 1 }
        func isUsable(_ name: String) -> Bool { !name.isEmpty && counts[name] == 1 }
        return FileLayout(
            format: .csv(csv), fields: names.filter(isUsable).map { Field(name: $0) },
            unusable: counts.keys.filter { !isUsable($0) }.sorted())
    }

    /// How well a delimiter fits: the share of records that have as many fields as the header,
    /// then the number of fields.
    private static func score(
        _ delimiter: String, _ bytes: UnsafeRawBufferPointer, from start: Int
    ) -> Double {
        let csv = CSVFormat(delimiter: delimiter)
        var scanner = CSVScanner(bytes, csv, from: start, limit: 1 << 20)
        var width = 0
        var records = 0.0
        var fitting = 0.0
        while records < 200, let record = scanner.next() {
            if record.end == record.start { continue }
            if width == 0 { width = scanner.fields.count }
            records += 1
            if record.fault == nil, scanner.fields.count == width { fitting += 1 }
        }
        guard width > 1, records > 0 else { return 0 }
        return fitting / records + Double(min(width, 1_000)) / 10_000
    }

    private static func jsonLines(
        _ bytes: UnsafeRawBufferPointer, from start: Int
    ) throws -> FileLayout {
        var fields: [Field] = []
        var places: [String: Int] = [:]
        var lines = LineScanner(bytes, from: start)
        var isRead = false
        while let line = lines.next() {
            var scanner = JSONScanner(
                bytes, from: line.range.lowerBound, to: line.range.upperBound)
            var found: [(String, Bool)] = []
            do {
                try scanner.object { key, value in
                    var text: [UInt8] = []
                    guard JSONText.decode(bytes, key, into: &text) else { return }
                    let isNested = value.kind == .object || value.kind == .array
                    found.append((String(decoding: text, as: UTF8.self), isNested))
                }
            } catch {
                // A line that is no JSON is a reject of its own, whatever the fields are.
                continue
            }
            isRead = true
            for (name, isNested) in found {
                if let place = places[name] {
                    if isNested { fields[place].isNested = true }
                } else {
                    places[name] = fields.count
                    fields.append(Field(name: name, isNested: isNested))
                }
            }
        }
        guard isRead else {
            throw SurveyError("no line of the file is a JSON object; JSON lines have one in each")
        }
        let usable = fields.filter { !$0.name.isEmpty }
        return FileLayout(
            format: .jsonLines, fields: usable,
            unusable: usable.count < fields.count ? [""] : [])
    }
}
