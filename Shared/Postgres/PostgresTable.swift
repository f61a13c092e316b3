/// The answer to a statement, with its columns even where it has no rows.
public struct PostgresTable: Sendable, Equatable {
    public let columns: [String]
    public let rows: [PostgresRow]

    init(_ result: borrowing PostgresResult) {
        columns = result.columns
        rows = result.rows
    }
}
