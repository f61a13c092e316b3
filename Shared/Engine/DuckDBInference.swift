import Pipelines

/// The types of columns that nobody declared, told from their texts.
///
/// A text is of a type only when it is just as the warehouse writes a value of the type: then the
/// column can become a text later, and nothing has changed. `007`, `1e5`, `+1` and `True` are
/// texts.
enum DuckDBInference {
    /// The kinds of texts, each with a bit.
    private static let kinds: [(bit: Int, test: @Sendable (String) -> String)] = [
        (1, { matches($0, "-?[1-9][0-9]{0,17}|0") }),
        (
            2,
            {
                matches($0, "-?(0|[1-9][0-9]{0,28})(\\.[0-9]{1,9})?")
                    + " AND NOT " + matches($0, "-0(\\.0+)?")
            }
        ),
        (4, { "\($0) IN ('true', 'false')" }),
        (8, { moment($0, date, "DATE") }),
        (16, { moment($0, "\(date) \(time)", "TIMESTAMP") }),
        (32, { moment($0, "\(date)T\(time)Z", "TIMESTAMPTZ") }),
    ]
    private static let text = 64

    /// A line for each new column of the job: its index and the kinds of its texts.
    static func statement(_ job: TransformJob) -> String {
        job.newColumns.indices.map { index in
            let cases = kinds.map { "WHEN \($0.test("t\(index)")) THEN \($0.bit)" }
            return """
                SELECT concat_ws(' ', '\(Oddities.inferred.dropLast())', \(index), \
                bit_or(CASE \(cases.joined(separator: " ")) ELSE \(text) END)) \
                FROM records WHERE fault IS NULL AND t\(index) IS NOT NULL;
                """
        }.joined(separator: "\n")
    }

    /// The one type that texts of these kinds have.
    static func type(_ kinds: Int) -> ColumnType {
        switch kinds {
        case 1: .bigint
        case 2, 3: .decimal
        case 4: .boolean
        case 8: .date
        case 16: .timestamp
        case 32: .timestamptz
        default: .text
        }
    }

    private static let date = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
    private static let time =
        "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{0,5}[1-9])?"

    private static func moment(_ text: String, _ pattern: String, _ type: String) -> String {
        "\(matches(text, pattern)) AND TRY_CAST(\(text) AS \(type)) >= '0001-01-01'"
    }

    private static func matches(_ text: String, _ pattern: String) -> String {
        "regexp_full_match(\(text), \(DuckDBDialect.literal(pattern)))"
    }
}
