import Events
import Lanes
import Postgres
import Service
import Synchronization
import Telemetry

/// That this notifier is there: a lock that its session at the database holds, and that ends with
/// it, whatever ends it.
final class Presence: Sendable {
    /// As it stands in the log of attempts.
    let host: String
    private let pool: PostgresPool
    private let log: Log
    private let held = Mutex<Int64?>(nil)

    init(_ pool: PostgresPool, _ context: ServiceContext) {
        self.pool = pool
        host = context.host
        log = context.log
    }

    /// Names the session; nil while there is none, and nothing may be taken in hand.
    var key: Int64? { held.withLock { $0 } }

    /// Holds the lock until it is cancelled, and takes another when its session breaks.
    ///
    /// - Parameter begun: Called each time that it is held.
    func run(_ begun: () -> Void = {}) async throws {
        var backoff = Backoff(from: .milliseconds(200), upTo: .seconds(5))
        while true {
            do {
                try await hold {
                    backoff.reset()
                    begun()
                }
            } catch let error as any ClassifiedError {
                log.warning("the notifier's session ended", ["error": "\(error)"])
                try await Task.sleep(for: backoff.next())
            }
        }
    }

    private func hold(_ begun: () -> Void) async throws {
        let key = Int64.random(in: 1...Int64.max)
        defer { held.withLock { $0 = nil } }
        try await pool.transaction { connection in
            try await connection.run("select pg_advisory_xact_lock($1)", ["\(key)"])
            held.withLock { $0 = key }
            begun()
            while true {
                try await Task.sleep(for: .seconds(2))
                try await connection.run("select 1")
            }
        }
    }

    /// A subquery with the keys of all that are there.
    static let present = """
        select (classid::bigint << 32) | objid::bigint from pg_locks
        where locktype = 'advisory' and objsubid = 1 and granted
            and database = (select oid from pg_database where datname = current_database())
        """
}
