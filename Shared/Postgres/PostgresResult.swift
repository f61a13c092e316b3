import CPostgres

/// A result of libpq's, freed when it goes out of scope.
struct PostgresResult: ~Copyable {
    private let raw: OpaquePointer

    init(_ raw: OpaquePointer) {
        self.raw = raw
    }

    deinit { PQclear(raw) }

    var status: ExecStatusType { PQresultStatus(raw) }

    /// `COMMIT`, `INSERT 0 3`, …
    var commandTag: String { String(cString: PQcmdStatus(raw)) }

    /// How many rows the command touched.
    var touchedRows: Int { Int(String(cString: PQcmdTuples(raw))) ?? 0 }

    /// The columns' names, in order.
    var columns: [String] {
        (0..<PQnfields(raw)).map { String(cString: PQfname(raw, $0)) }
    }

    /// All rows, copied out.
    var rows: [PostgresRow] {
        let width = PQnfields(raw)
        let columns = columns
        return (0..<PQntuples(raw)).map { row in
            PostgresRow(columns: columns, values: (0..<width).map { value(row, $0) })
        }
    }

    /// What the server said when it refused.
    ///
    /// - Parameter isOver: The connection went with it.
    func error(isOver: Bool = false) -> PostgresError {
        let context = ErrorContext(field("W"))
        return PostgresError(
            isOver ? .unreachable : .refused, field("M") ?? "refused without a word",
            sqlState: field("C"), place: context.place, line: context.line,
            column: field("c") ?? context.column, detail: field("D"))
    }

    private func value(_ row: Int32, _ column: Int32) -> String? {
        guard PQgetisnull(raw, row, column) == 0 else { return nil }
        let start = UnsafeRawPointer(PQgetvalue(raw, row, column))
        let bytes = UnsafeRawBufferPointer(
            start: start, count: Int(PQgetlength(raw, row, column)))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A field of the error, by its letter in the protocol (manual, "Error and Notice Message
    /// Fields"); libpq's names for them are character macros, which Swift does not see.
    private func field(_ letter: Unicode.Scalar) -> String? {
        PQresultErrorField(raw, Int32(letter.value)).map { String(cString: $0) }
    }
}
