import Postgres
import Synchronization

/// How far a drill's load has come, as the warehouse tells it: for the pace and for a person. What
/// is true is found out by `DrillComparison`.
final class DrillProgress: Sendable {
    private let warehouse: PostgresPool
    private let pipeline: String
    private let read = Mutex(0)

    init(_ warehouse: PostgresPool, _ pipeline: String) {
        self.warehouse = warehouse
        self.pipeline = pipeline
    }

    /// Records that are through; as of the last time that the warehouse answered.
    var arrived: Int { read.withLock { $0 } }

    /// Looks twice a second, until it is cancelled.
    func follow() async {
        while !Task.isCancelled {
            await look()
            do { try await Task.sleep(for: .milliseconds(500)) } catch { return }
        }
    }

    /// Waits until so many records are through and a certain one can be read.
    ///
    /// - Returns: False when that is not so after `limit`.
    func wait(
        for total: Int, and last: DrillRow, in table: String, limit: Duration
    ) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while .now < deadline {
            await look()
            if arrived >= total, await isThere(last, in: table) { return true }
            try await Task.sleep(for: .milliseconds(100))
        }
        return false
    }

    private func look() async {
        let sql = "select coalesce(sum(read), 0) as read from millrace.ledger where pipeline = $1"
        do {
            guard let row = try await warehouse.query(sql, [pipeline]).first else { return }
            let number = try row.integer("read")
            read.withLock { $0 = number }
        } catch {
            // The warehouse is away, which is what drills are for.
        }
    }

    private func isThere(_ row: DrillRow, in table: String) async -> Bool {
        do {
            let sql = "select 1 from \(table) where id = $1 and checksum = $2"
            return try await !warehouse.query(sql, ["\(row.id)", "\(row.checksum)"]).isEmpty
        } catch {
            return false
        }
    }
}
