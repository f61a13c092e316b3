import Lanes
public import Pipelines

/// Looks rows up in a batch's Parquet file.
public struct ParquetRows: Sendable {
    private let duckdb: DuckDBProgram

    public init(program: String, limits: EngineLimits = EngineLimits()) {
        duckdb = DuckDBProgram(program: program, limits: limits)
    }

    /// Where in its object each row stands that has these values: `_line`, at most ten.
    ///
    /// - Parameters:
    ///   - values: As PostgreSQL writes them, times in UTC; nil is null.
    ///   - object: The object's index in its batch.
    ///   - location: As the lake names the file.
    public func lines(
        of values: [(column: Column, value: String?)], object: Int, in location: String
    ) async throws -> [Int] {
        let conditions = values.map { column, value in
            let name = DuckDBDialect.identifier(column.name)
            guard let value else { return "\(name) IS NULL" }
            let type = DuckDBDialect.type(column.type)
            return "\(name) = CAST(\(DuckDBDialect.literal(value)) AS \(type))"
        }
        let sql = """
            SELECT _line FROM \(DuckDBDialect.parquet([location]))
            WHERE \((["_object = \(object)"] + conditions).joined(separator: " AND "))
            ORDER BY _line LIMIT 10
            """
        return try await FileQuestion(duckdb: duckdb, files: [location]).rows(of: sql).rows
            .compactMap { $0.first?.flatMap { Int($0) } }
    }
}
