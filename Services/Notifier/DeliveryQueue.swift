import Events
import Foundation
import Postgres

/// What is to be sent: the waiting rows of `millrace.deliveries`, and who has which in hand.
///
/// A subscription is lent to one notifier at a time, for one attempt, so that its deliveries keep
/// their order and no two notifiers send the same. What a killed notifier had in hand is free as
/// soon as its session at the database is gone.
struct DeliveryQueue: Sendable {
    let pool: PostgresPool
    /// The notifier whose queue it is.
    let presence: Presence
    let rule: DisableRule
    /// The longest that a subscription is lent. Longer than any attempt can take.
    static let leaseSeconds = 60

    /// Subscriptions that are served apart, so that trouble in one class keeps no other waiting.
    enum Class: String, CaseIterable {
        case mail
        /// Whose last attempt did not fail.
        case healthy
        case failing
    }

    /// Takes deliveries that are due, at most one for each subscription, the longest due first.
    func claim(_ limit: Int, of kind: Class) async throws -> [Delivery] {
        guard let key = presence.key else { return [] }
        let sql = """
            with due as (
                select subscription_id, waiting.delivery_id
                from millrace.subscriptions as s, lateral (
                    select delivery_id, next_attempt_at from millrace.deliveries as d
                    where d.subscription_id = s.subscription_id and state = 'pending'
                        and next_attempt_at <= now()
                    order by next_attempt_at, created_at limit 1
                ) as waiting
                where s.state = 'confirmed' and disabled_at is null and next_slot_at <= now()
                    and (leased_until is null or leased_until < now())
                    and $3 = case when email is not null then 'mail'
                        when failing_since is null then 'healthy' else 'failing' end
                order by waiting.next_attempt_at limit $1
                for update of s skip locked
            ), mine as (
                update millrace.deliveries as d set attempts = attempts + 1
                from due
                where d.delivery_id = due.delivery_id and state = 'pending'
                    and next_attempt_at <= now()
                returning d.delivery_id, d.subscription_id, d.alert_id, attempts, tries,
                    \(Notice.columns)
            ), lent as (
                update millrace.subscriptions as s set leased_by = $2,
                    leased_until = now() + make_interval(secs => \(Self.leaseSeconds)),
                    next_slot_at = now() + make_interval(secs => throttle_seconds)
                from mine where s.subscription_id = mine.subscription_id
                returning \(Delivery.subscriptionColumns)
            ), begun as (
                insert into millrace.delivery_attempts (delivery_id, attempt, notifier)
                select delivery_id, attempts, $4 from mine
            )
            select mine.*, lent.*, a.*, extract(epoch from a.raised_at) as seconds,
                \(Self.thread) as thread
            from mine join lent using (subscription_id) join millrace.alerts as a using (alert_id)
            """
        return try await pool.query(sql, ["\(limit)", "\(key)", kind.rawValue, presence.host])
            .map(Delivery.init(row:))
    }

    /// Writes how an attempt ended, and gives the subscription back.
    ///
    /// - Parameter pause: Until the next attempt; nil when there is none.
    func finish(_ delivery: Delivery, _ end: AttemptEnd, pause: Duration?) async throws {
        let outcome = end.outcome
        let state = outcome.isSent ? "sent" : pause == nil ? "failed" : "pending"
        let word = outcome.isSent ? "sent" : pause == nil ? "failed" : "postponed"
        try await pool.transaction { connection in
            let rows = try await connection.query(
                Self.finished,
                [
                    delivery.id, state, outcome.code.map { "\($0)" }, outcome.reason,
                    pause.map { "\($0 / .seconds(1))" }, "\(delivery.attempts)", word, end.answer,
                    delivery.subscription, presence.key.map { "\($0)" },
                ])
            if case .gone(let reason, _) = outcome {
                try await disable(delivery.subscription, reason, connection)
            } else if state == "failed", let row = rows.first, let reason = try reason(row) {
                try await disable(delivery.subscription, reason, connection)
            }
        }
    }

    /// Frees what notifiers had in hand that are gone.
    func release() async throws {
        let sql = """
            update millrace.subscriptions set leased_by = null, leased_until = null
            where leased_until is not null and leased_by not in (\(Presence.present))
            """
        _ = try await pool.query(sql)
    }

    private func reason(_ row: PostgresRow) throws -> String? {
        guard let seconds = row["failing_seconds"].flatMap(Double.init) else { return nil }
        return rule.reason(failingFor: .seconds(seconds), deliveries: try row.integer("failures"))
    }

    private func disable(
        _ subscription: String, _ reason: String, _ connection: PostgresConnection
    ) async throws {
        let touched = try await connection.run(
            """
            update millrace.subscriptions
            set disabled_at = now(), disabled_reason = $2, owed_word = 'disabled'
            where subscription_id = $1 and disabled_at is null
            """, [subscription, reason])
        guard touched > 0 else { return }
        try await connection.run(
            """
            update millrace.deliveries set state = 'failed', next_attempt_at = null,
                last_error = 'the subscription was disabled: ' || $2
            where subscription_id = $1 and state = 'pending'
            """, [subscription, reason])
    }

    private static let finished = """
        with delivery as (
            update millrace.deliveries set state = $2, tries = tries + 1,
                response_code = $3::int, last_error = $4,
                next_attempt_at = now() + make_interval(secs => $5::double precision),
                delivered_at = case when $2 = 'sent' then now() end
            where delivery_id = $1 and state = 'pending'
        ), attempt as (
            update millrace.delivery_attempts set ended_at = clock_timestamp(), outcome = $7,
                response_code = $3::int, error = $4, answer = $8
            where delivery_id = $1 and attempt = $6::int
        )
        update millrace.subscriptions set
            leased_by = case when leased_by = $10::bigint then null else leased_by end,
            leased_until = case when leased_by = $10::bigint then null else leased_until end,
            failing_since = case when $2 = 'sent' then null else coalesce(failing_since, now()) end,
            failures = case $2 when 'sent' then 0 when 'failed' then failures + 1
                else failures end
        where subscription_id = $9
        returning failures, extract(epoch from now() - failing_since) as failing_seconds
        """

    /// The first delivery of the same trouble to the same subscriber, so that a later mail joins
    /// the first one.
    private static let thread = """
        case when lent.email is not null then (
            select d.delivery_id from millrace.deliveries as d join millrace.alerts as first
                using (alert_id)
            where d.subscription_id = mine.subscription_id and first.key = a.key
                and first.kind = 'raised' and first.alert_id <> a.alert_id and d.state = 'sent'
                and first.raised_at <= a.raised_at
                and (first.resolved_at is null or first.resolved_at >= a.raised_at)
            order by first.raised_at limit 1) end
        """
}
