/// A rule about the data of a table.
public struct Check: Codable, Sendable, Equatable {
    /// What a failure means.
    public enum Severity: String, Codable, Sendable, CaseIterable {
        /// The batch is not published. Looked at in staging.
        case block
        /// The rows that fail become rejects, and the others are published. Looked at while the
        /// batch is staged.
        case quarantine
        /// An alert. Looked at after the publish.
        case warn
    }

    /// The rule itself.
    public enum Rule: Codable, Sendable, Equatable {
        case notNull(column: String)
        case unique(columns: [String])
        /// Inclusive; texts of numbers or times.
        case range(column: String, minimum: String?, maximum: String?)
        case acceptedValues(column: String, values: [String])
        /// Every non-null value of `column` is in `toColumn` of the dataset or model `to`.
        case reference(column: String, to: String, toColumn: String)
        /// Rows of the table (or of the batch, in staging).
        case rowCount(minimum: Int?, maximum: Int?)
        /// A SELECT over `{{table}}` that gives the failing rows: none means passed.
        case sql(query: String)

        /// A SELECT over `{{table}}` that gives the failing rows: none means passed.
        public static func sql(_ query: String) -> Self { .sql(query: query) }
    }

    /// Unique in its table, e.g. `not_null(review_id)` or the given name.
    public var name: String
    public var rule: Rule
    public var severity: Severity

    public init(name: String, rule: Rule, severity: Severity) {
        self.name = name
        self.rule = rule
        self.severity = severity
    }
}
