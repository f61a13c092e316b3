import Events
import Foundation
public import Postgres
import Synchronization

/// Which alerts are not over yet, for those who raise and end them.
public final class OpenAlerts: Sendable {
    private let pool: PostgresPool
    /// Raised by this process: the notifier may not have kept them yet.
    private let raised = Mutex<Set<String>>([])

    public init(_ pool: PostgresPool) {
        self.pool = pool
    }

    /// This process raises an alert of that key.
    public func note(_ key: String) {
        raised.withLock { _ = $0.insert(key) }
    }

    /// Those of the keys that have an open alert. The caller says that they are over.
    public func among(_ keys: [String]) async throws -> Set<String> {
        guard !keys.isEmpty else { return [] }
        let sql = """
            select distinct key from millrace.alerts
            where kind = 'raised' and resolved_at is null
                and key in (select jsonb_array_elements_text($1::jsonb))
            """
        let rows = try await pool.query(sql, [try json(keys)])
        let own = raised.withLock { raised in
            let own = raised.intersection(keys)
            raised.subtract(keys)
            return own
        }
        return own.union(try rows.map { try $0.text("key") })
    }
}
