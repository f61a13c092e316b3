import Events
import Filters
import Foundation
import Postgres
import Warehouse

/// Takes an alert in: keeps it, and notes which subscriptions are to be told of it and when.
struct AlertTable: Sendable {
    let pool: PostgresPool
    let grouping: Grouping
    var policy = AlertPolicy(catalog: nil)

    /// Keeps an alert and what it owes to whom, in one transaction. The same alert again changes
    /// nothing.
    func accept(_ alert: Alert) async throws {
        let alert = try await policy.apply(to: alert)
        try await pool.transaction(retries: TransactionRetries(patience: .seconds(60))) {
            connection in
            _ = try await accept(alert, connection)
        }
    }

    /// The same in the caller's transaction.
    ///
    /// - Returns: False when it was known.
    @discardableResult
    func accept(_ alert: Alert, _ connection: PostgresConnection) async throws -> Bool {
        var alert = alert
        let facts = try await RunFacts(connection: connection).lines(of: alert)
        alert.detail = ([alert.detail] + facts).joined(separator: "\n")
        guard try await keep(alert, connection) else { return false }
        switch alert.kind {
        case .raised: try await owe(alert, connection)
        case .resolved: try await resolve(alert, connection)
        }
        if grouping.isOff { _ = try await NoticeTable(grouping).look(connection) }
        return true
    }

    /// What is over matters as much as it did when it was raised. What was raised before the word
    /// that it is over, and comes after it, is over.
    private func keep(_ alert: Alert, _ connection: PostgresConnection) async throws -> Bool {
        let sql = """
            insert into millrace.alerts (alert_id, kind, key, topic, severity, pipeline, dataset,
                batch, title, detail, command, owner, mutes, raised_at, resolved_at)
            select $1, $2, $3, $4, coalesce(last.severity, $5), $6, $7, $8, $9, $10, $11,
                coalesce(last.owner, $12), coalesce(last.mutes, (
                    select jsonb_agg(mute) from jsonb_array_elements($13::jsonb) as mute
                    where mute ->> 'zone' in (select name from pg_timezone_names))),
                moment, case when $2 = 'raised' then (
                    select case when $14 = 't' then moment else min(later.raised_at) end
                    from millrace.alerts as later
                    where later.key = $3 and later.kind = 'resolved'
                        and later.raised_at >= moment) end
            from to_timestamp($15::double precision) as moment left join lateral (
                select severity, owner, mutes from millrace.alerts
                where key = $3 and kind = 'raised' order by raised_at desc limit 1) as last
                on $2 = 'resolved'
            on conflict (alert_id) do nothing
            returning alert_id
            """
        let rows = try await connection.query(
            sql,
            [
                alert.id, alert.kind.rawValue, alert.key, alert.topic, alert.severity.rawValue,
                alert.pipeline, alert.dataset, alert.batch, alert.title, alert.detail,
                alert.command, alert.owner, alert.mutes, alert.isMoment ? "t" : "f",
                "\(alert.time.timeIntervalSince1970)",
            ])
        return !rows.isEmpty
    }

    private func owe(_ alert: Alert, _ connection: PostgresConnection) async throws {
        let wanting = try await Subscriptions.wanting(
            FilterMessage(alert), topic: alert.topic, pipeline: alert.pipeline, connection)
        let sql = """
            with wanting as (
                select subscription_id, coalesce(
                    millrace.next_digest(digest, now()),
                    now() + make_interval(secs => $6::double precision)) as due
                from millrace.subscriptions join jsonb_array_elements_text($8::jsonb) as wanted
                    on subscription_id = wanted
                where $9 = 'f' or $10 = any (string_to_array(topic, ','))
                order by subscription_id
            ), owed as (
                insert into millrace.alert_groups as g (subscription_id, group_key, due_at)
                select subscription_id, $2, due from wanting
                on conflict (subscription_id, group_key) do update set
                    due_at = least(g.due_at, greatest(excluded.due_at,
                        g.told_at + make_interval(secs => $7::double precision)))
                returning subscription_id
            )
            insert into millrace.group_alerts as m (subscription_id, group_key, key, alert_id)
            select subscription_id, $2, $3, coalesce($5, $1) from owed
            on conflict (subscription_id, group_key, key) do update set
                alert_id = excluded.alert_id, raised = m.raised + 1
                where (select raised_at from millrace.alerts where alert_id = m.alert_id)
                    <= to_timestamp($4::double precision)
            """
        try await connection.run(
            sql,
            [
                alert.id, alert.group, alert.member, "\(alert.time.timeIntervalSince1970)",
                try await ending(of: alert, connection),
                "\(grouping.wait / .seconds(1))", "\(grouping.interval / .seconds(1))",
                String(decoding: try JSONEncoder().encode(wanting), as: UTF8.self),
                alert.isForNamed ? "t" : "f", alert.topic,
            ])
    }

    /// The word that it is over, where that came first.
    private func ending(
        of alert: Alert, _ connection: PostgresConnection
    ) async throws -> String? {
        if alert.isMoment { return nil }
        let sql = """
            select alert_id from millrace.alerts
            where key = $1 and kind = 'resolved'
                and raised_at >= to_timestamp($2::double precision)
            order by raised_at limit 1
            """
        return try await connection.query(
            sql, [alert.key, "\(alert.time.timeIntervalSince1970)"]
        ).first?["alert_id"]
    }

    /// Told to whoever is owed or has heard that it was raised; what was never told because it was
    /// held back, and is over, is not told any more.
    private func resolve(_ alert: Alert, _ connection: PostgresConnection) async throws {
        let time = "\(alert.time.timeIntervalSince1970)"
        let concerned = """
            m.key = $1 and a.alert_id = m.alert_id and a.kind = 'raised'
                and a.raised_at <= to_timestamp($2::double precision)
            """
        // Groups before their alerts, in order, as everybody takes them.
        try await connection.run(
            """
            update millrace.alert_groups as g set due_at = least(g.due_at, greatest(
                coalesce(millrace.next_digest(s.digest, now()),
                    now() + make_interval(secs => $3::double precision)),
                g.told_at + make_interval(secs => $4::double precision)))
            from millrace.subscriptions as s, (
                select m.subscription_id, m.group_key
                from millrace.group_alerts as m, millrace.alerts as a where \(concerned)
                order by 1, 2) as mine
            where g.subscription_id = mine.subscription_id and g.group_key = mine.group_key
                and s.subscription_id = g.subscription_id
            """,
            [
                alert.key, time, "\(grouping.wait / .seconds(1))",
                "\(grouping.interval / .seconds(1))",
            ])
        try await connection.run(
            """
            delete from millrace.group_alerts as m using millrace.alerts as a
            where \(concerned) and m.told_id is null and millrace.held_by(a) is not null
            """, [alert.key, time])
        try await connection.run(
            """
            update millrace.group_alerts as m set alert_id = $3
            from millrace.alerts as a where \(concerned)
            """, [alert.key, time, alert.id])
        try await connection.run(
            """
            update millrace.alerts set resolved_at = to_timestamp($2::double precision)
            where key = $1 and kind = 'raised' and resolved_at is null
                and raised_at <= to_timestamp($2::double precision)
            """, [alert.key, time])
    }
}

extension Alert {
    /// What is told together.
    var group: String { "\(topic) \(pipeline).\(dataset)" }

    /// It says what happened: it cannot be over, and each is news.
    var isMoment: Bool { kind == .raised && AlertRaised.moments.contains(topic) }

    /// What it is one of in its group.
    fileprivate var member: String { isMoment ? id : key }
}
