import Events
import Lanes
import Postgres
import Service
import Telemetry

/// Looks twice a second for groups of alerts that are due, and hands what is to be told to the
/// dispatcher.
struct Noticing: Sendable {
    let pool: PostgresPool
    let grouping: Grouping
    let dispatcher: Dispatcher
    let context: ServiceContext

    init(
        _ pool: PostgresPool, _ grouping: Grouping, _ dispatcher: Dispatcher,
        _ context: ServiceContext
    ) {
        self.pool = pool
        self.grouping = grouping
        self.dispatcher = dispatcher
        self.context = context
    }

    /// Works until it is cancelled.
    func run() async throws {
        var backoff = Backoff(from: .seconds(1), upTo: .seconds(15))
        while true {
            do {
                while try await look() >= NoticeTable.limit {}
                backoff.reset()
                try await Task.sleep(for: .milliseconds(500))
            } catch let error as any ClassifiedError {
                context.log.warning("alerts not grouped", ["error": "\(error)"])
                try await Task.sleep(for: backoff.next())
            }
        }
    }

    private func look() async throws -> Int {
        let count = try await pool.transaction { connection in
            try await NoticeTable(grouping).look(connection)
        }
        if count > 0 { dispatcher.wake() }
        return count
    }
}
