import Pipelines

/// How a dataset's columns are read from a Parquet object: each value becomes the text that says
/// it exactly, so that casts and faults are those of every other format.
struct ParquetColumns: Sendable {
    /// How many columns the object has.
    private let width: Int
    /// For each column of the dataset the expression of its text; nil where the object lacks it.
    let texts: [String?]
    private let isRewritten: Bool

    /// Where the columns of the dataset are in the object.
    ///
    /// - Throws: `Refusal`: the object's columns do not fit the dataset.
    static func header(_ schema: ParquetSchema, for job: TransformJob) throws(Refusal) -> CSVHeader
    {
        do throws(Refusal) {
            let header = try CSVHeader(names: schema.fields.map(\.name), for: job)
            // Its records are no texts of which one could be left out.
            var strangers = Strangers(job, in: "the header")
            for index in header.forbidden {
                if let refusal = strangers.meet(header.names[index]) { throw refusal }
            }
            return header
        } catch {
            // A Parquet file has no header, and names its columns once.
            var refusal = error
            refusal.message = error.message.replacing("the header", with: "the Parquet schema")
            throw refusal
        }
    }

    /// - Parameter isRewritten: The footer was written anew.
    init(
        _ schema: ParquetSchema, _ places: [Int?], for dataset: Dataset, isRewritten: Bool
    ) throws(Refusal) {
        width = schema.fields.count
        self.isRewritten = isRewritten
        var texts: [String?] = []
        for (column, place) in zip(dataset.columns, places) {
            guard let place else {
                texts.append(nil)
                continue
            }
            texts.append(try Self.text(of: "f\(place)", schema.fields[place], for: column))
        }
        self.texts = texts
    }

    /// The SELECT that gives `line` (the row's number), `start`, `length` and the texts `r0`, ….
    ///
    /// Columns go by their place: DuckDB takes `ID` and `id` for the same name.
    func sql(_ path: String) -> String {
        let names = (0..<width).map { "f\($0)" }.joined(separator: ", ")
        let values = texts.enumerated().map { "\($1 ?? "CAST(NULL AS VARCHAR)") AS r\($0)" }
        let source = DuckDBDialect.parquet(
            [path], "binary_as_string = \(!isRewritten)", "file_row_number = true")
        return """
            SELECT file_row_number + 1 AS line, NULL AS start, NULL AS length, \
            \(values.joined(separator: ", ")) FROM \(source) AS p(\(names))
            """
    }

    private static func text(
        of value: String, _ field: ParquetSchema.Field, for column: Column
    ) throws(Refusal) -> String {
        switch field.cut {
        case _? where field.isNested:
            throw Refusal(
                .badValue, field: column.field,
                "`\(column.field)` holds times in nanoseconds, which would be cut; write them in "
                    + "microseconds")
        case .nanosecondsInUTC: return "CAST(\(value) AS VARCHAR) || '+00'"
        case .int96: return int96(value)
        case nil: break
        }
        if field.isNested { return "CAST(to_json(\(value)) AS VARCHAR)" }
        if field.type == "BLOB" { return "decode(\(value))" }
        // The double that a float is, and not the shortest text that leads back to the float.
        let isWidened = field.type == "FLOAT" && column.type == .double
        return isWidened
            ? "CAST(CAST(\(value) AS DOUBLE) AS VARCHAR)" : "CAST(\(value) AS VARCHAR)"
    }

    /// The wall time of eight bytes with the nanoseconds of the day and four with the Julian day,
    /// the lowest byte first.
    private static func int96(_ value: String) -> String {
        func number(_ bytes: Range<Int>) -> String {
            let digits = bytes.reversed().map { "hex(\(value))[\(2 * $0 + 1):\(2 * $0 + 2)]" }
            return "CAST('0x' || \(digits.joined(separator: " || ")) AS UBIGINT)"
        }
        let nanoseconds = "CAST(\(number(0..<8)) AS HUGEINT)"
        let day = "CAST(\(number(8..<12)) AS BIGINT) - 2440588 + \(nanoseconds) // 86400000000000"
        let parts = [
            "\(nanoseconds) % 86400000000000 // 3600000000000",
            "\(nanoseconds) % 3600000000000 // 60000000000",
            "\(nanoseconds) % 60000000000 // 1000000000", "\(nanoseconds) % 1000000000",
        ]
        return """
            CAST(CAST('1970-01-01' AS DATE) + CAST(\(day) AS INTEGER) AS VARCHAR) || ' ' || \
            printf('%02d:%02d:%02d.%09d', \(parts.joined(separator: ", ")))
            """
    }
}
