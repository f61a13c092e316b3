extension RuleReader {
    /// What stands behind the rule's name.
    static func shape(_ rule: ChecksReader.RuleName) -> Shape {
        switch rule {
        case .not_null, .unique: .oneOrMore(.name)
        case .range, .accepted_values, .reference, .row_count: .keys(keys(rule))
        case .sql: .sql
        }
    }

    /// When the rule holds.
    static func about(_ rule: ChecksReader.RuleName) -> String {
        switch rule {
        case .not_null: "No value is null"
        case .unique: "No two rows have the same values"
        case .range: "Every value lies between, ends included"
        case .accepted_values: "Every value is one of them"
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
        case .not_null, .unique, .sql: []
        }
    }
}
