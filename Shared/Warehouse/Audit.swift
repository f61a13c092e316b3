import Foundation
public import Postgres

/// Who did what by hand: the table `millrace.audit`.
public struct Audit: Sendable {
    private let pool: PostgresPool

    public init(_ pool: PostgresPool) {
        self.pool = pool
    }

    /// Writes down that somebody begins something.
    ///
    /// - Parameters:
    ///   - who: `user@host`.
    ///   - verb: e.g. `dead replay`.
    ///   - selected: How many things it is to touch.
    /// - Returns: The number to end it by.
    public func begin(
        who: String, verb: String, arguments: [String], selected: Int
    ) async throws -> Int {
        let sql = """
            insert into millrace.audit (who, verb, arguments, selected)
            values ($1, $2, $3::jsonb, $4) returning audit_id
            """
        let rows = try await pool.query(sql, [who, verb, try json(arguments), "\(selected)"])
        guard let row = rows.first else {
            throw PostgresError(.shape, "the new entry of millrace.audit was not returned")
        }
        return try row.integer("audit_id")
    }

    /// Writes down how it ended.
    public func end(_ id: Int, done: Int, outcome: String) async throws {
        _ = try await pool.query(
            """
            update millrace.audit set done = $2, outcome = $3, ended_at = now()
            where audit_id = $1
            """, ["\(id)", "\(done)", outcome])
    }
}
