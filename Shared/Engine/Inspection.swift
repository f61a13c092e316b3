import Pipelines

/// A look at the first bytes of an object: what it is, and whether it can be this dataset at all.
struct Inspection {
    let dataset: Dataset
    let object: InputObject

    /// What an object's first bytes say about its packing.
    enum Packing: Equatable {
        case none, gzip, zstd
    }

    /// - Throws: `Refusal` for what no packing explains.
    static func packing(of bytes: UnsafeRawBufferPointer) throws(Refusal) -> Packing {
        if bytes.starts(with: [0x1F, 0x8B]) { return .gzip }
        if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return .zstd }
        if bytes.starts(with: Array("PK\u{3}\u{4}".utf8)) {
            throw Refusal(.unreadable, "the object is a ZIP archive; gzip or zstd are read")
        }
        return .none
    }

    /// The format of the object, also where the dataset leaves it to the name.
    var format: Format {
        guard case .byName(let csv) = dataset.format else { return dataset.format }
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
        guard case .byName = dataset.format, case .json = format else { return format }
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
            throw Refusal(.unreadable, "the object is UTF-16; write it as UTF-8")
        }
        return bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// Reads the header of a CSV object, which is its first line that is not blank.
    ///
    /// - Returns: The header, and whether the object begins with it.
    func header(
        _ bytes: UnsafeRawBufferPointer, _ csv: CSVFormat
    ) throws(Refusal) -> (header: CSVHeader, isFirst: Bool) {
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
        return (try CSVHeader(names: names, for: dataset), record.start == start)
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
