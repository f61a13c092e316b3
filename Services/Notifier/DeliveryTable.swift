import Events
import Foundation
import Postgres

/// Alerts and who is to be told of them: the tables `millrace.alerts` and `millrace.deliveries`.
struct DeliveryTable: Sendable {
    let pool: PostgresPool

    /// Keeps an alert and one delivery for each subscription that wants it. The same alert again
    /// changes nothing.
    func accept(_ alert: Alert) async throws {
        let sql = """
            with new as (
                insert into millrace.alerts (alert_id, kind, key, topic, severity, pipeline,
                    dataset, batch, title, detail, command, raised_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
                    to_timestamp($12::double precision))
                on conflict (alert_id) do nothing
                returning *
            )
            insert into millrace.deliveries (delivery_id, subscription_id, alert_id, state,
                next_attempt_at)
            select 'msg_' || left(encode(sha256(convert_to(
                    new.alert_id || ' ' || subscription_id, 'UTF8')), 'hex'), 32),
                subscription_id, new.alert_id, 'pending', now()
            from new, millrace.subscriptions as s
            where s.disabled_at is null
                and (s.topic = new.topic
                    or right(s.topic, 1) = '*' and starts_with(new.topic, left(s.topic, -1)))
                and (s.pipeline is null or s.pipeline = new.pipeline)
            on conflict (subscription_id, alert_id) do nothing
            """
        try await pool.transaction { connection in
            try await connection.run(
                sql,
                [
                    alert.id, alert.kind.rawValue, alert.key, alert.topic, alert.severity.rawValue,
                    alert.pipeline, alert.dataset, alert.batch, alert.title, alert.detail,
                    alert.command, "\(alert.time.timeIntervalSince1970)",
                ])
            if alert.kind == .resolved { try await resolve(alert, connection) }
        }
    }

    private func resolve(_ alert: Alert, _ connection: PostgresConnection) async throws {
        let sql = """
            update millrace.alerts set resolved_at = to_timestamp($2::double precision)
            where key = $1 and kind = 'raised' and resolved_at is null
                and raised_at <= to_timestamp($2::double precision)
            """
        try await connection.run(sql, [alert.key, "\(alert.time.timeIntervalSince1970)"])
    }
}
