import Pipelines

/// The columns of a Parquet object, as the engine's program reads them.
struct ParquetSchema: Sendable {
    /// One column of the object's top level.
    struct Field: Sendable {
        var name: String
        /// DuckDB's name of its type.
        var type: String
        /// The kind of times in it whose nanoseconds DuckDB (1.5) cuts without a word.
        var cut: String?

        var isNested: Bool {
            ["STRUCT(", "MAP(", "UNION("].contains(where: type.hasPrefix) || type.hasSuffix("]")
        }
    }

    let fields: [Field]

    /// The script that asks for the columns.
    static func script(_ path: String) -> String {
        let path = DuckDBDialect.literal(path)
        return """
            SET autoinstall_known_extensions = false;
            SET autoload_known_extensions = false;
            SET allowed_paths = [\(path)];
            SET enable_external_access = false;
            SET lock_configuration = true;
            SELECT 'element', type, coalesce(num_children, 0), \
            coalesce(logical_type LIKE '%isAdjustedToUTC=1%NANOS=NanoSeconds%', false) \
            FROM parquet_schema(\(path));
            SELECT 'column', hex(encode(column_name)), hex(encode(column_type)) FROM \
            (DESCRIBE SELECT * FROM read_parquet(\(path), binary_as_string = true));
            """
    }

    /// - Parameter lines: What the script says. Names come in hexadecimal digits: they may hold
    ///   line feeds.
    init(_ lines: [String]) throws(EngineError) {
        let rows = lines.map { $0.split(separator: "|", omittingEmptySubsequences: false) }
        var cuts = Self.cuts(rows.filter { $0.first == "element" && $0.count == 4 })[...]
        fields = rows.filter { $0.first == "column" && $0.count == 3 }.map { words in
            Field(name: Self.text(words[1]), type: Self.text(words[2]), cut: cuts.popFirst() ?? nil)
        }
        guard !fields.isEmpty, cuts.isEmpty else {
            throw EngineError(.crashed, "the program's list of columns cannot be read")
        }
    }

    /// For each column of the top level the kind of times in it that lose nanoseconds.
    ///
    /// - Parameter elements: The schema's tree, each element before its children, the root first.
    private static func cuts(_ elements: [[Substring]]) -> [String?] {
        var cuts: [String?] = []
        // How many elements of the column at hand are still to come.
        var open = 0
        for element in elements.dropFirst() {
            if open == 0 { cuts.append(nil) }
            open += (Int(element[2]) ?? 0) - (open == 0 ? 0 : 1)
            let cut = element[1] == "INT96" ? "INT96" : element[3] == "true" ? "nanoseconds" : nil
            if let cut { cuts[cuts.count - 1] = cut }
        }
        return cuts
    }

    /// What can be told of a file before the program reads it.
    static func inspect(_ bytes: UnsafeRawBufferPointer) throws(Refusal) {
        let mark = Array("PAR1".utf8)
        let sealed = Array("PARE".utf8)
        guard !bytes.isEmpty else { throw Refusal(.unreadable, "the object is empty") }
        if bytes.starts(with: sealed) || bytes.suffix(4).elementsEqual(sealed) {
            throw Refusal(.unreadable, "the object is encrypted Parquet; write it in the clear")
        }
        guard bytes.starts(with: mark) else {
            throw Refusal(.unreadable, "the object is not Parquet: it does not start with `PAR1`")
        }
        guard bytes.count >= 12, bytes.suffix(4).elementsEqual(mark) else {
            throw Refusal(
                .unreadable,
                "the Parquet object has no footer at its end: it is cut off, or was taken while "
                    + "it was written")
        }
        let length = bytes.loadUnaligned(fromByteOffset: bytes.count - 8, as: UInt32.self)
        guard UInt32(littleEndian: length) <= bytes.count - 12 else {
            throw Refusal(
                .unreadable, "the Parquet object's footer is longer than the object: it is damaged")
        }
    }

    private static func text(_ digits: Substring) -> String {
        let halves = digits.compactMap(\.hexDigitValue)
        let starts = stride(from: 0, to: halves.count - 1, by: 2)
        return String(
            decoding: starts.map { UInt8(halves[$0] << 4 | halves[$0 + 1]) }, as: UTF8.self)
    }
}

/// How a dataset's columns are read from a Parquet object: each value becomes the text that says
/// it exactly, so that casts and faults are those of every other format.
struct ParquetColumns: Sendable {
    /// How many columns the object has.
    let width: Int
    /// For each column of the dataset the expression of its text; nil where the object lacks it.
    let texts: [String?]

    /// - Throws: `Refusal`: the object's columns do not fit the dataset.
    init(_ schema: ParquetSchema, for dataset: Dataset) throws(Refusal) {
        do {
            let header = try CSVHeader(names: schema.fields.map(\.name), for: dataset)
            try Self.refuseCut(schema, dataset, header.positions)
            width = schema.fields.count
            texts = zip(dataset.columns, header.positions).map { column, position in
                position.map { Self.text(of: "f\($0)", schema.fields[$0], for: column) }
            }
        } catch {
            // A Parquet file has no header, and names its columns once.
            var refusal = error
            refusal.message = error.message.replacing("the header", with: "the Parquet schema")
            throw refusal
        }
    }

    /// The SELECT that gives `line` (the row's number), `start`, `length` and the texts `r0`, ….
    ///
    /// Columns go by their place: DuckDB takes `ID` and `id` for the same name.
    func sql(_ path: String) -> String {
        let names = (0..<width).map { "f\($0)" }.joined(separator: ", ")
        let values = texts.enumerated().map { "\($1 ?? "CAST(NULL AS VARCHAR)") AS r\($0)" }
        return """
            SELECT file_row_number + 1 AS line, NULL AS start, NULL AS length, \
            \(values.joined(separator: ", ")) FROM read_parquet(\(DuckDBDialect.literal(path)), \
            binary_as_string = true, file_row_number = true) AS p(\(names))
            """
    }

    private static func refuseCut(
        _ schema: ParquetSchema, _ dataset: Dataset, _ positions: [Int?]
    ) throws(Refusal) {
        for (column, position) in zip(dataset.columns, positions) {
            guard let position, let cut = schema.fields[position].cut else { continue }
            throw Refusal(
                .badValue, field: column.field,
                "`\(column.field)` holds times as \(cut), whose last three digits would be cut; "
                    + "write them as TIMESTAMP in microseconds")
        }
    }

    private static func text(
        of value: String, _ field: ParquetSchema.Field, for column: Column
    ) -> String {
        if field.isNested { return "CAST(to_json(\(value)) AS VARCHAR)" }
        // The double that a float is, and not the shortest text that leads back to the float.
        let isWidened = field.type == "FLOAT" && column.type == .double
        return isWidened
            ? "CAST(CAST(\(value) AS DOUBLE) AS VARCHAR)" : "CAST(\(value) AS VARCHAR)"
    }
}
