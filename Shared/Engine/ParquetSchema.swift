import Pipelines

/// The columns of a Parquet object, as the engine's program reads them.
struct ParquetSchema: Sendable {
    /// One column of the object's top level.
    struct Field: Sendable {
        var name: String
        /// DuckDB's name of its type.
        var type: String
        /// The kind of times in it whose nanoseconds DuckDB (1.5) cuts without a word.
        var cut: Cut?

        var isNested: Bool {
            ["STRUCT(", "MAP(", "UNION("].contains(where: type.hasPrefix) || type.hasSuffix("]")
        }
    }

    /// Times that are cut.
    enum Cut: Sendable { case int96, nanosecondsInUTC }

    private(set) var fields: [Field]

    /// The script that asks for the columns.
    ///
    /// - Parameter isRewritten: Plain bytes stay what they are: INT96 is among them.
    static func script(_ path: String, isRewritten: Bool = false) -> String {
        let rows = DuckDBDialect.parquet([path], "binary_as_string = \(!isRewritten)")
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
            (DESCRIBE SELECT * FROM \(rows));
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
    private static func cuts(_ elements: [[Substring]]) -> [Cut?] {
        var cuts: [Cut?] = []
        // How many elements of the column at hand are still to come.
        var open = 0
        for element in elements.dropFirst() {
            if open == 0 { cuts.append(nil) }
            open += (Int(element[2]) ?? 0) - (open == 0 ? 0 : 1)
            if element[1] == "INT96" { cuts[cuts.count - 1] = .int96 }
            if element[3] == "true" { cuts[cuts.count - 1] = .nanosecondsInUTC }
        }
        return cuts
    }

    /// The columns of the same object under a footer that was written anew; each knows what its
    /// times were.
    ///
    /// - Throws: `Refusal` when there are times that are cut even so.
    func rewritten(as schema: ParquetSchema) throws(Refusal) -> ParquetSchema {
        var schema = schema
        guard schema.fields.count == fields.count, schema.fields.allSatisfy({ $0.cut == nil })
        else { throw Self.unreadableTimes }
        for index in fields.indices { schema.fields[index].cut = fields[index].cut }
        return schema
    }

    static let unreadableTimes = Refusal(
        .unreadable,
        "the object has times in nanoseconds that the reader would cut; write them in microseconds")

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
