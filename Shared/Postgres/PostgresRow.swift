/// One row of a result; its values are text, as PostgreSQL writes them.
public struct PostgresRow: Sendable, Equatable {
    /// The columns' names, in order; shared by all rows of a result.
    public let columns: [String]
    /// In the order of `columns`.
    public let values: [String?]

    public init(columns: [String], values: [String?]) {
        self.columns = columns
        self.values = values
    }

    /// The value of the first column of that name; nil for null and for a column that is not there.
    public subscript(_ column: String) -> String? {
        columns.firstIndex(of: column).flatMap { values[$0] }
    }

    /// The value of a column that cannot be null.
    ///
    /// - Throws: `PostgresError` (shape) when it is null or not there.
    public func text(_ column: String) throws(PostgresError) -> String {
        guard let value = self[column] else {
            throw PostgresError(.shape, "the result has no value for the column \(column)")
        }
        return value
    }

    /// The value of a column that holds a whole number.
    ///
    /// - Throws: `PostgresError` (shape) when it does not.
    public func integer(_ column: String) throws(PostgresError) -> Int {
        guard let number = Int(try text(column)) else {
            throw PostgresError(.shape, "the column \(column) does not hold a whole number")
        }
        return number
    }

    /// The value of a boolean column; false for null.
    public func boolean(_ column: String) -> Bool { self[column] == "t" }
}
