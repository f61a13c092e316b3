public import Events
import Postgres

/// The name of a table with its schema; both may hold any character.
public struct TableName: Sendable, Hashable, CustomStringConvertible {
    public var schema: String
    public var name: String

    public init(_ schema: String, _ name: String) {
        self.schema = schema
        self.name = name
    }

    /// As it stands in SQL, quoted.
    public var sql: String { "\(quotedIdentifier(schema)).\(quotedIdentifier(name))" }

    /// For people.
    public var description: String { "\(schema).\(name)" }

    /// The schema of staging tables.
    public static let stagingSchema = "millrace_staging"

    /// The staging table of one batch.
    ///
    /// PostgreSQL cuts names at 63 bytes: the front is cut here, so that the batch, which makes the
    /// name unique, stays whole.
    public static func staging(_ pipeline: String, _ dataset: String, batch: ULID) -> TableName {
        var front = "\(pipeline)_\(dataset)"
        while front.utf8.count > 36 { front.removeLast() }
        return TableName(stagingSchema, "\(front)_\(batch)")
    }
}
