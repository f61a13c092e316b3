import Events
import Foundation
import Postgres
import Service
import Telemetry
import Warehouse

/// Looks every five seconds at what can be seen from outside, raises what is wrong and says when it
/// is over.
///
/// What is open is a row, so that another notifier, or the next one, goes on where one ends; a lock
/// lets one of them look at a time.
struct Watching: Sendable {
    let table: AlertTable
    let looks: [@Sendable () async throws -> [Condition]]
    let context: ServiceContext
    static let period = Duration.seconds(5)

    /// Works until it is cancelled.
    func run() async throws {
        try await context.repeating("watch", every: Self.period) { try await look() }
    }

    /// While one thing cannot be seen, nothing is known to be over.
    func look() async throws {
        var conditions: [Condition] = []
        for look in looks { conditions += try await look() }
        let alerts = try await settle(conditions)
        // They are kept and will be told; who else listens hears of them now.
        let events = try alerts.map { try $0.event(from: context.source) }
        if !events.isEmpty { try await context.publisher.publish(events) }
    }

    private func settle(_ conditions: [Condition]) async throws -> [Alert] {
        var wanted: [Alert] = []
        for condition in conditions {
            wanted.append(try await table.policy.apply(to: condition.alert(at: Date())))
        }
        let keys = Set(conditions.map(\.key))
        return try await table.pool.transaction { connection in
            guard try await SystemSchema.tryLock(connection, "watch") else { return [] }
            let open = try await Self.open(connection)
            let raised = wanted.filter { open[$0.key] == nil }
            let resolved = open.values.filter { !keys.contains($0.key) }.map { alert in
                var over = alert
                over.time = max(Date(), alert.time)
                return over
            }
            for alert in raised + resolved { try await table.accept(alert, connection) }
            return raised + resolved
        }
    }

    /// The open alerts of what is watched as the news that they are over, by key.
    private static func open(_ connection: PostgresConnection) async throws -> [String: Alert] {
        let sql = """
            select distinct on (key) key, topic, pipeline, dataset, title,
                extract(epoch from raised_at) as seconds
            from millrace.alerts
            where kind = 'raised' and resolved_at is null
                and topic in (select jsonb_array_elements_text($1::jsonb))
            order by key, raised_at desc
            """
        let topics = String(
            decoding: try JSONEncoder().encode(Condition.topics), as: UTF8.self)
        let alerts = try await connection.query(sql, [topics]).map { row in
            Alert(
                id: ULID().description, kind: .resolved, key: try row.text("key"),
                topic: try row.text("topic"), severity: .info,
                pipeline: try row.text("pipeline"), dataset: try row.text("dataset"), batch: nil,
                title: "over: \(try row.text("title"))", detail: "", command: nil,
                time: Date(timeIntervalSince1970: Double(try row.text("seconds")) ?? 0))
        }
        return Dictionary(uniqueKeysWithValues: alerts.map { ($0.key, $0) })
    }
}
