extension Check {
    /// The rule itself.
    public enum Rule: Codable, Sendable, Equatable {
        case notNull(column: String)
        case unique(columns: [String])
        /// Inclusive; texts of numbers or times.
        case range(column: String, minimum: String?, maximum: String?)
        case acceptedValues(column: String, values: [String])
        /// Every non-null value fits, in the warehouse's dialect of regular expressions.
        case regex(column: String, pattern: String)
        /// Characters of every non-null value; inclusive.
        case length(column: String, minimum: Int?, maximum: Int?)
        /// Every non-null value of `column` is in `toColumn` of the dataset or model `to`.
        case reference(column: String, to: String, toColumn: String)
        /// Rows with the same values in `columns` have the same value in `determines`.
        case functionalDependency(columns: [String], determines: String)
        /// The table has these columns, of these types; further ones unless `isExact`.
        case schema(columns: [TypedColumn], isExact: Bool)
        /// Rows of the table (or of the batch, in staging).
        case rowCount(minimum: Int?, maximum: Int?)
        /// Rows against the median of so many batches before.
        case rowCountChange(over: Int, direction: Direction)
        /// A measure against its own history, in robust deviations.
        case anomaly(Anomaly)
        /// A count or sum against another table's or the source's.
        case reconcile(Reconciliation)
        /// The clock's rule: new data has come in time.
        case freshness(Freshness)
        /// A SELECT over `{{table}}` that gives the failing rows: none means passed.
        case sql(query: String)

        /// A SELECT over `{{table}}` that gives the failing rows: none means passed.
        public static func sql(_ query: String) -> Self { .sql(query: query) }
    }

    /// A column as a table should have it.
    public struct TypedColumn: Codable, Sendable, Equatable {
        public var name: String
        public var type: ColumnType

        public init(_ name: String, _ type: ColumnType) {
            self.name = name
            self.type = type
        }
    }

    /// Which changes count.
    public enum Direction: String, Codable, Sendable, CaseIterable {
        case both, drop, rise
    }
}

extension Check.Rule {
    /// Whether batches are compared with one another.
    public var isAboutBatches: Bool {
        switch self {
        case .rowCountChange, .anomaly: true
        default: false
        }
    }

    /// Whether a clock looks at it, whatever the pipeline does.
    public var isClocked: Bool {
        if case .freshness = self { return true }
        return false
    }
}
