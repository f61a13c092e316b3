import Pipelines

/// A look at the first bytes of an object: what it is, and whether it can be this dataset at all.
struct Inspection {
    let job: TransformJob
    let object: InputObject

    /// What an object's first bytes say about its packing.
    enum Packing: Equatable {
        case none, gzip, zstd
    }

    /// - Throws: `Refusal` for what no packing explains.
    static func packing(of bytes: UnsafeRawBufferPointer) throws(Refusal) -> Packing {
        if bytes.starts(with: [0x1F, 0x8B]) { return .gzip }
        if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return .zstd }
        for (start, words) in strangers where bytes.starts(with: start) {
            throw Refusal(.unreadable, "the object is \(words)")
        }
        return .none
    }

    /// What is not read, by its first bytes.
    private static let strangers: [([UInt8], String)] = [
        (
            Array("PK\u{3}\u{4}".utf8),
            "a ZIP archive, as an Excel workbook is one; write CSV, plain or packed by gzip or zstd"
        ),
        ([0xD0, 0xCF, 0x11, 0xE0], "an old or a sealed Excel workbook; write CSV or Parquet"),
        (Array("Obj\u{1}".utf8), "Avro, which is not read; write Parquet or JSON lines"),
        (Array("ORC".utf8) + [0x08], "ORC, which is not read; write Parquet"),
        ([0x42, 0x5A, 0x68], "packed by bzip2; pack it with gzip or zstd"),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "packed by xz; pack it with gzip or zstd"),
    ]

    /// The format of the object, also where the dataset leaves it to the name.
    var format: Format {
        guard case .byName(let csv) = job.dataset.format else { return job.dataset.format }
        var name = object.name.lowercased()[...]
        for packed in [".gz", ".zst", ".zstd"] where name.hasSuffix(packed) {
            name = name.dropLast(packed.count)
        }
        if name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") { return .jsonLines }
        if name.hasSuffix(".json") { return .json(JSONFormat()) }
        return name.hasSuffix(".parquet") ? .parquet : .csv(csv)
    }

    /// The format of an object that is JSON: the name `.json` stands for lines as well.
    func format(of bytes: UnsafeRawBufferPointer, from start: Int) -> Format {
        guard case .byName = job.dataset.format, case .json = format else { return format }
        return JSONLinesReader.fits(bytes, from: start) ? .jsonLines : format
    }

    /// Where the text begins: behind a byte order mark.
    ///
    /// - Throws: `Refusal` when the object is empty or no UTF-8 text.
    static func textStart(of bytes: UnsafeRawBufferPointer) throws(Refusal) -> Int {
        guard !bytes.isEmpty else { throw Refusal(.unreadable, "the object is empty") }
        if bytes.starts(with: Array("PAR1".utf8)) {
            throw Refusal(
                .unreadable,
                "the object is Parquet, and the dataset reads another format; write "
                    + "`format: parquet`, or name it `….parquet`")
        }
        let utf16: [[UInt8]] = [[0xFF, 0xFE], [0xFE, 0xFF]]
        if utf16.contains(where: { bytes.starts(with: $0) }) {
            throw Refusal(.unreadable, "the object is UTF-16; write `csv: {encoding: utf-16}`")
        }
        return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// Reads the header of a CSV object, which is its first line that is not blank.
    ///
    /// - Returns: The header, and whether the object begins with it.
    func header(
        _ bytes: UnsafeRawBufferPointer, _ csv: CSVFormat
    ) throws(Refusal) -> (header: CSVHeader, isFirst: Bool) {
        let (names, isFirst) = try names(bytes, csv)
        do {
            return (try CSVHeader(names: names, for: job), isFirst)
        } catch {
            throw error.hinting(at: Self.delimiterHint(names, csv))
        }
    }

    private func names(
        _ bytes: UnsafeRawBufferPointer, _ csv: CSVFormat
    ) throws(Refusal) -> (names: [String], isFirst: Bool) {
        let start = try Self.textStart(of: bytes)
        var scanner = CSVScanner(bytes, csv, from: start, limit: 1 << 20)
        var next = scanner.next()
        while let blank = next, blank.end == blank.start { next = scanner.next() }
        guard let record = next else { throw Refusal(.unreadable, "the object is empty") }
        if let fault = record.fault {
            throw Refusal(.unreadable, "the header cannot be read: \(fault.message)")
        }
        var names: [String] = []
        for field in scanner.fields {
            let value = scanner.value(field)
            guard !value.contains(0), let name = String(validating: value, as: UTF8.self) else {
                throw Refusal(
                    .unreadable, "the header is not UTF-8 text; is this a CSV file at all?")
            }
            names.append(name.trimmed)
        }
        return (names, record.start == start)
    }

    /// The fields of the object that no column takes.
    ///
    /// - Parameter json: Reads an object of JSON.
    func strangers(
        _ bytes: UnsafeRawBufferPointer, json: () throws -> Strangers
    ) throws -> [String] {
        switch format {
        case .csv(let csv), .byName(let csv):
            let fields = Set(job.dataset.columns.map(\.field))
            return try names(bytes, csv).names.filter { !fields.contains($0) }
        case .jsonLines, .json: return try json().fields
        case .parquet: return []
        }
    }

    /// What to say of a header of one field with another delimiter in it.
    private static func delimiterHint(_ names: [String], _ csv: CSVFormat) -> String? {
        let others = [";": "\";\"", "\t": "tab", "|": "\"|\"", ",": "\",\""]
        guard names.count == 1, let name = names.first else { return nil }
        return others.filter { $0.key != csv.delimiter && name.contains($0.key) }
            .sorted { $0.key < $1.key }.first
            .map {
                "; the header is one field: is the delimiter another, `csv: {delimiter: \($1)}`?"
            }
    }
}

extension CSVScanner {
    init(
        _ bytes: UnsafeRawBufferPointer, _ csv: CSVFormat, from start: Int,
        limit: Int = CSVScanner.recordLimit
    ) {
        func byte(_ text: String) -> UInt8 { text.utf8.first ?? 0 }
        self.init(
            bytes, delimiter: byte(csv.delimiter), quote: byte(csv.quote),
            escape: byte(csv.escape), from: start, limit: limit)
    }
}

extension String {
    /// Without white space at the ends.
    var trimmed: String {
        let text = drop(while: \.isWhitespace)
        guard let last = text.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(text[...last])
    }
}
