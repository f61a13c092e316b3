import Events
import Foundation
import Outbound
public import Postgres

/// The subscriptions: the table `millrace.subscriptions`.
///
/// A webhook's secret is in the table, where only its owner can read it; it is told once, to
/// whoever subscribes.
public struct Subscriptions: Sendable {
    let pool: PostgresPool

    public init(_ pool: PostgresPool) {
        self.pool = pool
    }

    /// Makes a subscription; one for the same topic, pipeline and target is found again and set
    /// going again.
    ///
    /// - Returns: The subscription, and for a webhook the secret that it is signed with.
    /// - Throws: A permanent `HandlingError` that says what is wrong with the topic or the target.
    public func create(
        topic: String, pipeline: String? = nil, channel: Subscription.Channel, target: String
    ) async throws -> (subscription: Subscription, secret: String?) {
        if let mistake = Subscription.mistake(topic: topic, channel: channel, target: target) {
            throw mistake
        }
        let sql = """
            insert into millrace.subscriptions
                (subscription_id, topic, pipeline, \(channel), secret)
            values ($1, $2, $3, $4, $5)
            on conflict (topic, pipeline, email, webhook) do update set disabled_at = null,
                disabled_reason = null, failing_since = null, failures = 0
            returning \(Self.columns), secret
            """
        let secret = channel == .webhook ? WebhookSecret().text : nil
        let rows = try await pool.query(
            sql, [ULID().description, topic, pipeline, target, secret])
        guard let row = rows.first else {
            throw PostgresError(.shape, "the new subscription was not returned")
        }
        return (try Subscription(row: row), row["secret"])
    }

    /// All of them, oldest first.
    public func list() async throws -> [Subscription] {
        let sql = """
            select \(Self.columns) from millrace.subscriptions
            order by created_at, subscription_id
            """
        return try await pool.query(sql).map(Subscription.init(row:))
    }

    /// Ends a subscription; what is still to be delivered to it is not.
    ///
    /// - Returns: False when there is none of that id.
    public func delete(_ id: String) async throws -> Bool {
        let sql = """
            delete from millrace.subscriptions where subscription_id = upper($1)
            returning subscription_id
            """
        return try await !pool.query(sql, [id]).isEmpty
    }

    private static let columns = """
        subscription_id, topic, pipeline, email, webhook,
        extract(epoch from created_at) as created_at,
        extract(epoch from disabled_at) as disabled_at
        """
}

extension Subscription {
    fileprivate init(row: PostgresRow) throws {
        let email = row["email"]
        let target = try email ?? row.text("webhook")
        self.init(
            id: try row.text("subscription_id"), topic: try row.text("topic"),
            pipeline: row["pipeline"], channel: email == nil ? .webhook : .email, target: target,
            createdAt: Date(timeIntervalSince1970: Double(try row.text("created_at")) ?? 0),
            disabledAt: row["disabled_at"].flatMap(Double.init)
                .map(Date.init(timeIntervalSince1970:)))
    }
}
