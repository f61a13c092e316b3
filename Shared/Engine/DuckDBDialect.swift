import Pipelines

/// SQL text as DuckDB reads it.
enum DuckDBDialect {
    /// A name in quotes.
    static func identifier(_ name: String) -> String {
        "\"\(name.replacing("\"", with: "\"\""))\""
    }

    /// A text in quotes.
    static func literal(_ text: String) -> String {
        "'\(text.replacing("'", with: "''"))'"
    }

    /// Texts in quotes, with commas.
    static func literals(_ texts: some Sequence<String>) -> String {
        texts.map(literal).joined(separator: ", ")
    }

    /// What reads Parquet files. A `date=…` in their path is no column: it would take the place of
    /// the file's own, without a word.
    static func parquet(_ paths: [String], _ options: String...) -> String {
        let all = ["[\(literals(paths))]", "hive_partitioning = false"] + options
        return "read_parquet(\(all.joined(separator: ", ")))"
    }

    /// A text without white space at its ends.
    static func trimmed(_ text: String) -> String { "trim(\(text), E' \\t\\n\\r\\f\\x0B')" }

    /// The type of a column's values in the processed file.
    static func type(_ type: ColumnType) -> String {
        switch type {
        case .smallint: "SMALLINT"
        case .integer: "INTEGER"
        case .bigint: "BIGINT"
        case .double: "DOUBLE"
        case .boolean: "BOOLEAN"
        case .text, .json: "VARCHAR"
        case .date: "DATE"
        case .timestamp: "TIMESTAMP"
        case .timestamptz: "TIMESTAMPTZ"
        case .decimal: "DECIMAL(38, 9)"
        }
    }

    /// A text as a pattern of RE2 that matches just this text.
    static func pattern(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            let isPlain =
                !scalar.isASCII || scalar.properties.isAlphabetic
                || scalar.properties.numericType != nil
            return isPlain ? String(scalar) : "\\x{\(String(scalar.value, radix: 16))}"
        }.joined()
    }

    /// `CASE WHEN text matches pattern THEN value END`
    static func when(_ text: String, matches pattern: String, _ value: String) -> String {
        "CASE WHEN regexp_full_match(\(text), \(literal(pattern))) THEN \(value) END"
    }
}
