import Postgres

/// Finds the rows that the server refuses, so that all others go in: pieces are tried in
/// savepoints, and one that fails is parted, at the row that the server names or in the middle.
enum RowIsolation {
    /// Brings rows in. Call it in a transaction.
    ///
    /// - Parameters:
    ///   - attempt: Brings in the rows of a range; what it did is undone when it throws.
    ///   - place: The row that an error names; nil where it names none.
    ///   - refuse: Takes note of one row that cannot go in.
    static func run(
        _ rows: Range<Int>, _ connection: PostgresConnection,
        attempt: (Range<Int>) async throws -> Void,
        place: (PostgresError, Range<Int>) -> Int? = { _, _ in nil },
        refuse: (Int, PostgresError) async throws -> Void
    ) async throws {
        var rest = [rows]
        while let range = rest.popLast() {
            if range.isEmpty { continue }
            do {
                try await connection.savepoint { _ in try await attempt(range) }
            } catch let error as PostgresError where error.isOfRow {
                if range.count == 1 {
                    try await refuse(range.lowerBound, error)
                } else {
                    rest += parts(of: range, at: place(error, range)).reversed()
                }
            }
        }
    }

    private static func parts(of range: Range<Int>, at row: Int?) -> [Range<Int>] {
        let (first, end) = (range.lowerBound, range.upperBound)
        if let row, range.contains(row) { return [first..<row, row..<row + 1, row + 1..<end] }
        let middle = first + range.count / 2
        return [first..<middle, middle..<end]
    }
}
