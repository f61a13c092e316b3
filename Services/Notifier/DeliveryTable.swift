import Events
import Foundation
import Outbound
import Postgres

/// Alerts and who is still to be told: the tables `millrace.alerts` and `millrace.deliveries`.
struct DeliveryTable: Sendable {
    let pool: PostgresPool
    /// After it a delivery whose notifier was killed in the middle is anybody's again. Longer than
    /// any attempt can take.
    static let leaseSeconds = 60

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

    /// Takes deliveries that are due, at most one for each subscription, and none for those in
    /// `busy`; no other notifier gets them before the lease ends.
    func claim(_ limit: Int, except busy: [String]) async throws -> [Delivery] {
        let sql = """
            with due as (
                select distinct on (subscription_id) delivery_id from millrace.deliveries
                where \(Self.isFree) and next_attempt_at <= now()
                    and subscription_id not in (select jsonb_array_elements_text($1::jsonb))
                order by subscription_id, next_attempt_at, created_at
                limit $2
            ), mine as (
                select delivery_id from millrace.deliveries join due using (delivery_id)
                where \(Self.isFree)
                for update of deliveries skip locked
            )
            update millrace.deliveries as d set attempts = attempts + 1,
                leased_until = now() + make_interval(secs => \(Self.leaseSeconds))
            from mine, millrace.subscriptions as s, millrace.alerts as a
            where d.delivery_id = mine.delivery_id and s.subscription_id = d.subscription_id
                and a.alert_id = d.alert_id
            returning d.delivery_id, d.subscription_id, d.attempts, s.email, s.webhook, s.secret,
                a.*, extract(epoch from a.raised_at) as seconds
            """
        let names = String(decoding: try JSONEncoder().encode(busy), as: UTF8.self)
        return try await pool.query(sql, [names, "\(limit)"]).map(Delivery.init(row:))
    }

    /// Writes how an attempt ended.
    ///
    /// - Parameter pause: Until the next one; nil when there is none.
    func finish(
        _ delivery: Delivery, _ outcome: DeliveryOutcome, pause: Duration?
    ) async throws {
        let state = outcome.isSent ? "sent" : pause == nil ? "failed" : "pending"
        let sql = """
            update millrace.deliveries set state = $2, response_code = $3::int, last_error = $4,
                leased_until = null,
                next_attempt_at = now() + make_interval(secs => $5::double precision),
                delivered_at = case when $2 = 'sent' then now() end
            where delivery_id = $1 and state = 'pending'
            """
        try await pool.transaction { connection in
            try await connection.run(
                sql,
                [
                    delivery.id, state, outcome.code.map { "\($0)" }, outcome.reason,
                    pause.map { "\($0 / .seconds(1))" },
                ])
            if case .gone = outcome { try await disable(delivery.subscription, connection) }
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

    private func disable(_ subscription: String, _ connection: PostgresConnection) async throws {
        try await connection.run(
            """
            update millrace.subscriptions set disabled_at = now()
            where subscription_id = $1 and disabled_at is null
            """, [subscription])
        try await connection.run(
            """
            update millrace.deliveries set state = 'failed', leased_until = null,
                next_attempt_at = null, last_error = 'the endpoint is gone'
            where subscription_id = $1 and state = 'pending'
            """, [subscription])
    }

    private static let isFree =
        "state = 'pending' and (leased_until is null or leased_until < now())"
}

extension DeliveryOutcome {
    fileprivate var isSent: Bool {
        if case .sent = self { return true }
        return false
    }

    var code: Int? {
        switch self {
        case .sent(let code), .postponed(_, let code, _), .refused(_, let code),
            .gone(_, let code):
            code
        }
    }

    var reason: String? {
        switch self {
        case .sent: nil
        case .postponed(let reason, _, _), .refused(let reason, _), .gone(let reason, _): reason
        }
    }
}

extension Delivery {
    fileprivate init(row: PostgresRow) throws {
        guard let kind = Alert.Kind(rawValue: try row.text("kind")),
            let severity = AlertSeverity(rawValue: try row.text("severity")),
            let seconds = Double(try row.text("seconds"))
        else { throw PostgresError(.shape, "millrace.alerts holds an alert of unknown form") }
        let alert = Alert(
            id: try row.text("alert_id"), kind: kind, key: try row.text("key"),
            topic: try row.text("topic"), severity: severity, pipeline: try row.text("pipeline"),
            dataset: try row.text("dataset"), batch: row["batch"], title: try row.text("title"),
            detail: try row.text("detail"), command: row["command"],
            time: Date(timeIntervalSince1970: seconds))
        self.init(
            id: try row.text("delivery_id"), subscription: try row.text("subscription_id"),
            target: Target(email: row["email"], webhook: row["webhook"], secret: row["secret"]),
            alert: alert, attempts: try row.integer("attempts"))
    }
}

extension Delivery.Target {
    fileprivate init(email: String?, webhook: String?, secret: String?) {
        if let address = email.flatMap(MailAddress.init) {
            self = .email(address)
        } else if let webhook, let secret = secret.flatMap({ WebhookSecret($0) }) {
            self = .webhook(url: webhook, secret: secret)
        } else {
            self = .unusable("the subscription has no usable address or secret")
        }
    }
}
