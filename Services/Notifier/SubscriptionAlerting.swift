import Events
import Foundation
import Postgres
import Service

/// Says by an alert that a subscription was disabled, since its own endpoint cannot be told, and
/// that it is enabled again.
///
/// What is to be said stands in the subscription's row until it is said: a kill at any moment
/// neither loses an alert nor makes a second one, since its id is made of what it says.
struct SubscriptionAlerting: Sendable {
    private let pool: PostgresPool
    private let context: ServiceContext

    init(_ pool: PostgresPool, _ context: ServiceContext) {
        self.pool = pool
        self.context = context
    }

    /// Works until it is cancelled.
    func run() async throws {
        try await context.repeating("alerts of subscriptions", every: .seconds(1), say)
    }

    private func say() async throws {
        let owed = try await pool.query(
            """
            select subscription_id, owed_word, disabled_reason,
                coalesce(email, webhook, command) as target,
                extract(epoch from coalesce(disabled_at, enabled_at, created_at)) as seconds
            from millrace.subscriptions where owed_word is not null
            """)
        for row in owed {
            try await context.publisher.publish([try event(row)])
            _ = try await pool.query(
                """
                update millrace.subscriptions set owed_word = null
                where subscription_id = $1 and owed_word = $2
                """, [row["subscription_id"], row["owed_word"]])
        }
    }

    private func event(_ row: PostgresRow) throws -> Event {
        let id = try row.text("subscription_id")
        let word = try row.text("owed_word")
        let seconds = Double(try row.text("seconds")) ?? 0
        let time = Date(timeIntervalSince1970: seconds)
        let key = "subscription_disabled:\(id)"
        var event: Event
        if word == "disabled" {
            let raised = AlertRaised(
                key: key, topic: Self.topic, severity: .warning, pipeline: "_", dataset: "_",
                batch: nil, title: "subscription \(id) is disabled",
                detail:
                    "\(row["disabled_reason"] ?? "")\nIt went to \(origin(row)). What it missed "
                    + "waits: millrace deliveries recover \(id) --since TIME",
                command: "millrace subscriptions enable \(id)", raisedAt: time)
            event = try Event(raised, id: "\(id).disabled.\(Int(seconds * 1000))", from: source)
        } else {
            let resolved = AlertResolved(
                key: key, topic: Self.topic, pipeline: "_", dataset: "_",
                title: "subscription \(id) is enabled again", resolvedAt: time)
            event = try Event(resolved, id: "\(id).enabled.\(Int(seconds * 1000))", from: source)
        }
        event.time = time
        return event
    }

    /// A webhook's path and query may be what lets anybody post to it.
    private func origin(_ row: PostgresRow) -> String {
        let target = row["target"] ?? ""
        guard target.contains("://") else { return target }
        return target.split(separator: "/", maxSplits: 3).prefix(2).joined(separator: "//")
    }

    private var source: String { context.source }
    private static let topic = "subscription_disabled"
}
