import Events
import Foundation
import Kit
import Postgres
import Warehouse

@testable import notifier

/// Alerts, one subscription to all of them, and a clock that is moved by hand. Nothing runs by
/// itself: each look is one of a notifier that has just been started.
struct NoticeBench: Sendable {
    let pool: PostgresPool
    let alerts: AlertTable

    static func with(
        _ body: @escaping @Sendable (NoticeBench) async throws -> Void
    ) async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 4, applicationName: "notice test")
            try await SystemSchema.migrate(pool)
            _ = try await Subscriptions(pool).create(
                topic: "*", channel: .email, target: "reader@example.org")
            try await body(
                NoticeBench(pool: pool, alerts: AlertTable(pool: pool, grouping: Grouping())))
        }
    }

    /// - Parameter moment: Seconds from now.
    func raise(
        _ id: String, key: String, topic: String = "check_warned", dataset: String = "reviews",
        severity: AlertSeverity = .warning, at moment: Double = 0
    ) async throws {
        let alert = AlertRaised(
            key: key, topic: topic, severity: severity, pipeline: "goodreads", dataset: dataset,
            batch: nil, title: id, detail: "", command: nil,
            raisedAt: Date(timeIntervalSinceNow: moment))
        try await alerts.accept(Alert(alert, id: id))
    }

    func resolve(_ id: String, key: String, at moment: Double = 0) async throws {
        let alert = AlertResolved(
            key: key, topic: "check_warned", pipeline: "goodreads", dataset: "reviews", title: id,
            resolvedAt: Date(timeIntervalSinceNow: moment))
        try await alerts.accept(Alert(alert, id: id))
    }

    /// What one look tells, a line for each notice: why, the leading alert, all of them.
    func look() async throws -> [String] {
        let before = try await pool.query("select delivery_id from millrace.deliveries")
            .map { try $0.text("delivery_id") }
        _ = try await pool.transaction { connection in
            try await NoticeTable(alerts.grouping).look(connection)
        }
        let sql = """
            select delivery_id, reason || ' ' || alert_id || ': ' || (
                select string_agg(item ->> 'id' || case when (item ->> 'raised')::int > 1
                    then '×' || (item ->> 'raised') else '' end, ' ' order by item ->> 'id')
                from jsonb_array_elements(alerts) as item) as text
            from millrace.deliveries order by 2
            """
        return try await pool.query(sql)
            .filter { !before.contains($0["delivery_id"] ?? "") }.map { try $0.text("text") }
    }

    /// Lets time pass: everything that has happened moves into the past.
    func pass(_ time: Duration) async throws {
        let back = "- make_interval(secs => \(time / .seconds(1)))"
        _ = try await pool.query(
            """
            update millrace.alert_groups set due_at = due_at \(back), told_at = told_at \(back)
            """)
    }

    func count(_ table: String) async throws -> Int {
        try await pool.query("select count(*) as n from millrace.\(table)")
            .first?.integer("n") ?? 0
    }

    /// Alerts as they lie in the queue after a day without a notifier, a second apart.
    func flood(_ count: Int, datasets: Int, from start: Double) async throws {
        let sql = """
            insert into millrace.alerts (alert_id, kind, key, topic, severity, pipeline, dataset,
                title, detail, raised_at)
            select 'f' || lpad(n::text, 5, '0'), 'raised', 'k' || n, 'check_warned', 'warning',
                'goodreads', 'd' || n % \(datasets), 'flood ' || n, '',
                now() + make_interval(secs => \(start) + n)
            from generate_series(0, \(count - 1)) as n
            """
        _ = try await pool.query(sql)
        _ = try await pool.query(
            """
            insert into millrace.alert_groups (subscription_id, group_key, due_at)
            select distinct subscription_id, a.topic || ' ' || a.pipeline || '.' || dataset, now()
            from millrace.subscriptions as s, millrace.alerts as a
            """)
        _ = try await pool.query(
            """
            insert into millrace.group_alerts (subscription_id, group_key, key, alert_id)
            select subscription_id, a.topic || ' ' || a.pipeline || '.' || dataset, key, alert_id
            from millrace.subscriptions as s, millrace.alerts as a
            """)
    }
}
