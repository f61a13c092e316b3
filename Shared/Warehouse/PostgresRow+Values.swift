import Events
import Foundation
import Postgres

extension PostgresRow {
    /// The value of a column that holds seconds since 1970 (`extract(epoch from …)`).
    func date(_ column: String) throws -> Date {
        guard let seconds = Double(try text(column)) else {
            throw PostgresError(.shape, "the column \(column) does not hold a time")
        }
        return Date(timeIntervalSince1970: seconds)
    }

    /// The same of a column that may be null.
    func optionalDate(_ column: String) throws -> Date? {
        self[column] == nil ? nil : try date(column)
    }
}

extension Counts {
    /// Reads the columns of the same names.
    init(row: PostgresRow) throws {
        self.init(
            read: try row.integer("read"), published: try row.integer("published"),
            superseded: try row.integer("superseded"), filtered: try row.integer("filtered"),
            rejected: try row.integer("rejected"))
    }
}

/// A value as the text of a `jsonb` parameter.
func json(_ value: some Encodable) throws -> String {
    String(decoding: try EventJSON.encode(value), as: UTF8.self)
}

/// Reads the text of a `json` column.
func decoded<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
    try EventJSON.decode(type, from: Data(text.utf8))
}
