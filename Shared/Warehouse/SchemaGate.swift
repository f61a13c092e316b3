public import Postgres
import Synchronization

/// Lets a service through to the warehouse once its own tables there are up to date.
///
/// A service may start while the warehouse is away: it migrates at the first use that reaches it.
public final class SchemaGate: Sendable {
    private let pool: PostgresPool
    private let isOpen = Mutex(false)

    public init(_ pool: PostgresPool) {
        self.pool = pool
    }

    /// Brings the schema up to date, the first time.
    public func pass() async throws {
        if isOpen.withLock({ $0 }) { return }
        try await SystemSchema.migrate(pool)
        isOpen.withLock { $0 = true }
    }

    /// Throws when the warehouse is away or its schema is not up to date. For readiness.
    public func check() async throws {
        try await pass()
        try await pool.check()
    }
}
