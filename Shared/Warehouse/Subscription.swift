public import Filters
public import Foundation
import Postgres

/// Who wants to know what, and how.
public struct Subscription: Codable, Sendable, Equatable {
    /// The way to a subscriber.
    public enum Channel: String, Codable, Sendable, CaseIterable {
        case email, webhook, command
    }

    /// What webhooks and commands get.
    public enum Body: String, Codable, Sendable, CaseIterable {
        /// Type, time, and the alert as `data`.
        case envelope
        /// The alert alone.
        case raw
    }

    /// Whether the subscriber has agreed.
    public enum State: String, Codable, Sendable, CaseIterable {
        /// Asked; nothing but the question is sent.
        case pending
        case confirmed
        /// The subscriber has left; only they can come back.
        case unsubscribed
    }

    public var id: String
    /// A topic, `*`, or the beginning of topics and `*`, e.g. `check_*`; several with commas.
    public var topic: String
    /// Only alerts of that pipeline; nil for all.
    public var pipeline: String?
    public var channel: Channel
    /// The mailbox, the URL, or the program.
    public var target: String
    public var body: Body
    /// The filter policy as it was written; nil for everything.
    public var filter: String?
    public var filterScope: FilterPolicy.Scope
    public var state: State
    public var createdAt: Date
    public var confirmedAt: Date?
    /// `link`, `answer`, or the operator who vouched for it; nil for those of older releases.
    public var confirmedBy: String?
    /// Why the last question did not reach the subscriber.
    public var challengeError: String?
    /// Set when the endpoint said that it is gone; nothing is sent any more.
    public var disabledAt: Date?
}

extension Subscription {
    static let columns = """
        subscription_id, topic, pipeline, email, webhook, command, body, filter, filter_scope,
        state, confirmed_by, challenge_error,
        extract(epoch from created_at) as created_at,
        extract(epoch from confirmed_at) as confirmed_at,
        extract(epoch from disabled_at) as disabled_at
        """

    init(row: PostgresRow) throws {
        let channel = Channel.allCases.first { row[$0.rawValue] != nil }
        guard let channel, let body = Body(rawValue: try row.text("body")),
            let scope = FilterPolicy.Scope(rawValue: try row.text("filter_scope")),
            let state = State(rawValue: try row.text("state"))
        else {
            throw PostgresError(
                .shape, "millrace.subscriptions holds a subscription of unknown form")
        }
        self.init(
            id: try row.text("subscription_id"), topic: try row.text("topic"),
            pipeline: row["pipeline"], channel: channel, target: try row.text(channel.rawValue),
            body: body, filter: row["filter"], filterScope: scope, state: state,
            createdAt: try row.date("created_at"),
            confirmedAt: try row.optionalDate("confirmed_at"),
            confirmedBy: row["confirmed_by"], challengeError: row["challenge_error"],
            disabledAt: try row.optionalDate("disabled_at"))
    }
}
