import Postgres

/// One statement of a reader, in the form in which the warehouse is asked.
struct Question {
    private let sql: String
    private let format: OutputFormat
    /// Can be asked row by row, so that the answer may be cut.
    private let isCursor: Bool

    /// - Throws: `CommandError` when it is nothing that reads.
    init(_ text: String, as format: OutputFormat) throws(CommandError) {
        var rest = text[...]
        while let last = rest.last, last.isWhitespace || last == ";" { rest.removeLast() }
        let word = Self.firstWord(rest)
        guard Self.rows.contains(word) || Self.reports.contains(word) else {
            throw CommandError(
                "`\(word)` changes things or is no SQL; query only reads: "
                    + (Self.rows + Self.reports).joined(separator: ", "), exit: .usage)
        }
        sql = String(rest)
        isCursor = Self.rows.contains(word)
        self.format = format
    }

    /// - Parameter limit: One row more is asked for, to see that there are more; 0 for all.
    func ask(_ connection: PostgresConnection, limit: Int) async throws -> PostgresTable {
        guard isCursor else { return try await connection.table(sql) }
        // A comment at the end of the statement must not take the bracket with it.
        let statement =
            format == .json ? "select row_to_json(answer)::text from (\(sql)\n) as answer" : sql
        _ = try await connection.run("declare question no scroll cursor for \(statement)")
        return try await connection.table(
            "fetch \(limit == 0 ? "all" : String(limit + 1)) from question")
    }

    func show(_ rows: ArraySlice<PostgresRow>, of answer: PostgresTable, _ console: Console) {
        if format == .json, isCursor {
            let objects = rows.map { $0.values[0] ?? "null" }.joined(separator: ",\n")
            return console.text(objects.isEmpty ? "[]\n" : "[\n\(objects)\n]\n")
        }
        var table = Table(columns: answer.columns.map { Table.Column($0) })
        for row in rows {
            table.add(row.values.map { format == .table ? Self.cell($0) : Cell($0) })
        }
        console.records(table)
        if rows.isEmpty, format == .table { console.note("no rows") }
    }

    /// For people numbers stand at the right; only what would be spelled the same counts as one.
    static func cell(_ text: String?) -> Cell {
        if let text, let number = Int(text), String(number) == text { return Cell(number) }
        if let text, let number = Double(text), String(number) == text { return Cell(number) }
        return Cell(text)
    }

    /// The first word behind comments and opening brackets, in lower case.
    private static func firstWord(_ sql: Substring) -> String {
        var rest = sql
        while let first = rest.first {
            if first.isWhitespace || first == "(" {
                rest.removeFirst()
            } else if rest.hasPrefix("--") {
                rest = rest.drop { !$0.isNewline }
            } else if rest.hasPrefix("/*"), let end = rest.firstRange(of: "*/") {
                rest = rest[end.upperBound...]
            } else {
                break
            }
        }
        return rest.prefix { $0.isLetter }.lowercased()
    }

    private static let rows = ["select", "with", "values", "table"]
    private static let reports = ["show", "explain"]
}
