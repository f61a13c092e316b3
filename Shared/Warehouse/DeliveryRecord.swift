public import Foundation
import Postgres

/// One delivery as people look at it: what, to whom, how it stands.
public struct DeliveryRecord: Sendable, Equatable {
    /// How it stands.
    public enum State: String, Sendable, CaseIterable {
        /// Under way, or waiting for its next try.
        case pending
        case sent
        /// Out of tries, refused, or its subscription was disabled; kept until it is sent again.
        case failed
    }

    /// One attempt at it.
    public struct Attempt: Sendable, Equatable {
        public var number: Int
        /// The host of the notifier that made it.
        public var notifier: String
        public var startedAt: Date
        /// Nil while it goes on, and where its notifier was killed in the middle.
        public var endedAt: Date?
        /// `sent`, `postponed` or `failed`.
        public var outcome: String?
        public var code: Int?
        /// The beginning of what the other side answered.
        public var answer: String?
        public var error: String?
    }

    public var id: String
    public var subscription: String
    /// The mailbox or URL.
    public var target: String
    public var alert: String
    public var topic: String
    public var title: String
    public var state: State
    public var attempts: Int
    public var createdAt: Date
    public var nextAttemptAt: Date?
    public var deliveredAt: Date?
    public var code: Int?
    public var error: String?
}

extension DeliveryRecord {
    static let columns = """
        d.delivery_id, d.subscription_id, coalesce(s.email, s.webhook) as target, d.alert_id,
        a.topic, a.title, d.state, d.attempts, d.response_code, d.last_error,
        extract(epoch from d.created_at) as created,
        extract(epoch from d.next_attempt_at) as next_attempt,
        extract(epoch from d.delivered_at) as delivered
        """

    static let tables = """
        millrace.deliveries as d join millrace.subscriptions as s using (subscription_id)
            join millrace.alerts as a using (alert_id)
        """

    init(row: PostgresRow) throws {
        guard let state = State(rawValue: try row.text("state")) else {
            throw PostgresError(.shape, "a delivery has an unknown state")
        }
        self.init(
            id: try row.text("delivery_id"), subscription: try row.text("subscription_id"),
            target: try row.text("target"), alert: try row.text("alert_id"),
            topic: try row.text("topic"), title: try row.text("title"), state: state,
            attempts: try row.integer("attempts"), createdAt: try row.date("created"),
            nextAttemptAt: try row.dateIfAny("next_attempt"),
            deliveredAt: try row.dateIfAny("delivered"),
            code: row["response_code"].flatMap { Int($0) },
            error: row["last_error"])
    }
}

extension DeliveryRecord.Attempt {
    init(row: PostgresRow) throws {
        self.init(
            number: try row.integer("attempt"), notifier: try row.text("notifier"),
            startedAt: try row.date("started"), endedAt: try row.dateIfAny("ended"),
            outcome: row["outcome"], code: row["response_code"].flatMap { Int($0) },
            answer: row["answer"],
            error: row["error"])
    }
}

extension PostgresRow {
    func dateIfAny(_ column: String) throws -> Date? {
        self[column] == nil ? nil : try date(column)
    }
}
