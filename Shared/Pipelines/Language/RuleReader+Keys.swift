extension RuleReader {
    /// What stands behind the rule's name.
    static func shape(_ rule: ChecksReader.RuleName) -> Shape {
        switch rule {
        case .not_null, .unique, .null_rate: .oneOrMore(.name)
        case .sql: .sql
        default: .keys(keys(rule))
        }
    }

    /// When the rule holds.
    static func about(_ rule: ChecksReader.RuleName) -> String {
        switch rule {
        case .not_null: "No value is null"
        case .unique: "No two rows have the same values"
        case .range: "Every value lies between, ends included"
        case .accepted_values: "Every value is one of them"
        case .regex: "Every value fits the regular expression"
        case .length: "Every value has so many characters"
        case .null_rate: "No more values are null than warn or block bear"
        case .functional_dependency: "The same values go with one and the same other value"
        case .schema: "The table has these columns with these types"
        case .row_count_change: "The rows are as many as in the batches before"
        case .anomaly: "A measure is as it has been before"
        case .reconcile: "The count or sum is that of another table or of the source"
        case .freshness: "New data came in time; the clock looks at it"
        case .reference: "Every value is in that column of another table"
        case .row_count: "The table (in staging: the batch) has so many rows"
        case .sql: "The SELECT over {{table}} gives no row"
        }
    }

    /// The keys of a rule that is a mapping.
    static func keys(_ rule: ChecksReader.RuleName) -> Keys {
        let column = Key("column", .name, "The column that is looked at", isRequired: true)
        return switch rule {
        case .range:
            [
                column, Key("min", .value, "The smallest value"),
                Key("max", .value, "The largest value"),
            ]
        case .accepted_values:
            [column, Key("values", .oneOrMore(.value), "The values", isRequired: true)]
        case .reference:
            [
                column,
                Key("to", .text, "table.column", example: "books.book_id", isRequired: true),
            ]
        case .row_count:
            [
                Key("min", .integer(0...Int.max), "At least so many"),
                Key("max", .integer(0...Int.max), "At most so many"),
            ]
        case .regex:
            [
                column,
                Key(
                    "pattern", .text, "In PostgreSQL's dialect; quote it",
                    example: "\"^[0-9]{13}$\"", isRequired: true),
            ]
        case .length:
            [
                column, Key("min", .integer(0...Int.max), "At least so many characters"),
                Key("max", .integer(0...Int.max), "At most so many characters"),
            ]
        case .functional_dependency:
            [
                Key("columns", .oneOrMore(.name), "The same values here …", isRequired: true),
                Key("determines", .name, "… go with one value there", isRequired: true),
            ]
        case .schema:
            [
                Key(
                    "columns", .named(.words(of: ColumnType.self)),
                    "Columns with their types; those of the dataset by default"),
                Key("exact", .boolean, "True where no further column may be there"),
            ]
        case .row_count_change, .anomaly: historyKeys(rule)
        case .reconcile:
            [
                Key("sum", .name, "The column whose sum is compared; else rows are counted"),
                Key(
                    "to", .text, "source, or a table, or table.column where there is a sum",
                    example: "orders.amount", isRequired: true),
            ]
        case .freshness: freshnessKeys
        case .not_null, .unique, .null_rate, .sql: []
        }
    }
}
