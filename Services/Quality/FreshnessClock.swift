import Checks
import Events
import Foundation
import Pipelines
import Postgres
import Service
import Telemetry
import Warehouse

/// Looks at the clock for data that does not come: what no event of a pipeline can tell.
///
/// Of all quality processes one looks at a time. What it finds is written down first and said
/// then: whoever is killed in between says it again, with the same id, which changes nothing.
actor FreshnessClock {
    private let catalog: PipelineCatalog
    private let table: FreshnessTable
    private let history: CheckHistory
    private let context: ServiceContext
    private let timeLimit: Duration
    private let now: @Sendable () -> Date
    /// The newest value of a column changes only when something is published.
    private var newest: [FreshnessTable.Key: (published: Date?, value: Date?)] = [:]

    static let period = Duration.seconds(5)

    init(
        catalog: PipelineCatalog, pool: PostgresPool, context: ServiceContext,
        timeLimit: Duration, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.catalog = catalog
        table = FreshnessTable(pool: pool)
        history = CheckHistory(pool: pool)
        self.context = context
        self.timeLimit = timeLimit
        self.now = now
    }

    /// Looks until it is cancelled.
    func run() async throws {
        try await context.repeating("freshness", every: Self.period) { try await self.look() }
    }

    /// Looks once.
    func look() async throws {
        let (watched, unread) = try await watched()
        try await table.alone { connection in
            for one in watched { try await look(at: one, connection) }
            try await table.keepOnly(watched.map(\.key), unread: unread, connection)
        }
        try await table.alone { connection in
            let owed = try await table.owed(connection)
            guard !owed.isEmpty else { return }
            try await context.publisher.publish(try owed.map(event))
            try await table.said(connection)
        }
    }

    private func watched() async throws -> ([FreshnessTable.Watched], unread: Set<String>) {
        var found: [FreshnessTable.Watched] = []
        var unread: Set<String> = []
        for name in try await catalog.names() {
            do {
                guard let (_, pipeline) = try await catalog.current(name) else { continue }
                found += pipeline.watched
            } catch let error as any ClassifiedError {
                unread.insert(name)
                context.log.warning(
                    "pipeline not watched", ["pipeline": name, "error": "\(error)"])
            }
        }
        return (found, unread)
    }

    private func look(
        at watched: FreshnessTable.Watched, _ connection: PostgresConnection
    ) async throws {
        let state = try await table.state(of: watched, connection)
        let arrival: Arrival
        do {
            arrival = try await connection.savepoint { try await self.arrival(of: watched, $0) }
        } catch let error as PostgresError where error.kind == .refused {
            return context.log.warning(
                "freshness not known", ["check": watched.key.alert, "error": error.message])
        }
        let verdict = FreshnessVerdict(watched.rule, arrival, since: state.since, now: now())
        context.metrics.set(
            "millrace_freshness_missed", to: verdict.missedAt == nil ? 0 : 1,
            [
                "pipeline": watched.key.pipeline, "table": watched.key.table,
                "check": watched.key.check,
            ], help: "1 while new data should have come and has not.")
        switch (state.isMissed, verdict.missedAt) {
        case (false, let missedAt?):
            try await table.miss(watched.key, at: missedAt, verdict.message, connection)
        case (true, nil):
            try await table.come(watched.key, verdict.message, connection)
        default: return
        }
        try await history.record(
            [CheckResult(watched.check, verdict)], of: watched.target, connection)
    }

    private func arrival(
        of watched: FreshnessTable.Watched, _ connection: PostgresConnection
    ) async throws -> Arrival {
        let reader = ArrivalReader(watched.target)
        var arrival = Arrival(published: try await reader.published(connection))
        guard case .age(let column, _, let zone) = watched.rule else { return arrival }
        if let known = newest[watched.key], known.published == arrival.published {
            arrival.newest = known.value
            return arrival
        }
        let milliseconds = Int(timeLimit / .milliseconds(1))
        try await connection.execute("set local statement_timeout = \(milliseconds)")
        arrival.newest = try await reader.newest(column, zone: zone, connection)
        newest[watched.key] = (arrival.published, arrival.newest)
        return arrival
    }

    private nonisolated func event(_ owed: FreshnessTable.Owed) throws -> Event {
        let key = owed.key
        let title = "\(key.pipeline).\(key.table): \(owed.message)"
        let name = key.alert.utf8.count <= 180 ? key.alert : SHA256.hex(of: Data(key.alert.utf8))
        guard owed.isRaised else {
            return try Event(
                AlertResolved(
                    key: key.alert, topic: Self.topic, pipeline: key.pipeline, dataset: key.table,
                    title: title),
                id: "\(name).\(owed.number).resolved", from: context.source)
        }
        return try Event(
            AlertRaised(
                key: key.alert, topic: Self.topic, severity: .critical, pipeline: key.pipeline,
                dataset: key.table, batch: nil, title: title,
                detail: "The check `\(key.check)`: \(owed.message).",
                command: "millrace runs --pipeline \(key.pipeline)"),
            id: "\(name).\(owed.number).raised", from: context.source)
    }

    private static let topic = "freshness_missed"
}

extension Pipeline {
    /// The checks that the clock looks at.
    fileprivate var watched: [FreshnessTable.Watched] {
        let tables =
            datasets.map { (CheckTarget($0, of: self), $0.checks) }
            + models.map { (CheckTarget($0, of: self), $0.checks) }
        return tables.flatMap { target, checks in
            checks.compactMap { check in
                guard case .freshness(let rule) = check.rule else { return nil }
                return FreshnessTable.Watched(target: target, check: check, rule: rule)
            }
        }
    }
}
