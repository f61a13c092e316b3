import Events
import Filters
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

    /// Makes a subscription, and asks the subscriber to confirm it.
    ///
    /// The same wish again is the same subscription: one that waits for its confirmation is asked
    /// for again, one that is confirmed goes on, also when it had been disabled.
    /// - Parameter voucher: Who vouches for the subscriber, so that nobody is asked.
    /// - Returns: The subscription, and for a webhook the secret that it is signed with.
    /// - Throws: A permanent `HandlingError` that says what is wrong with the wish, or why nobody
    ///   can be asked or vouched for.
    public func create(
        _ request: SubscriptionRequest, vouchedBy voucher: String? = nil
    ) async throws -> (subscription: Subscription, secret: String?) {
        if let mistake = request.mistake { throw mistake }
        return try await pool.transaction { connection in
            let id = try await insert(request, connection)
            _ = try await set(request.delivery, of: id, connection)
            if let voucher {
                try await vouch(id, by: voucher, connection)
            } else {
                try await ask(id, isAgain: false, connection)
            }
            let rows = try await connection.query(
                """
                update millrace.subscriptions set body = $2, disabled_at = null,
                    disabled_reason = null, failing_since = null, failures = 0
                where subscription_id = $1 returning \(Subscription.columns), secret
                """, [id, request.body.rawValue])
            guard let row = rows.first else {
                throw PostgresError(.shape, "the new subscription was not returned")
            }
            return (try Subscription(row: row), row["secret"])
        }
    }

    /// Makes a subscription that the operator vouches for.
    public func create(
        topic: String, pipeline: String? = nil, channel: Subscription.Channel, target: String
    ) async throws -> (subscription: Subscription, secret: String?) {
        let request = SubscriptionRequest(
            topic: topic, pipeline: pipeline, channel: channel, target: target)
        return try await create(request, vouchedBy: "operator")
    }

    /// All of them, oldest first.
    public func list() async throws -> [Subscription] {
        let sql = """
            select \(Subscription.columns) from millrace.subscriptions
            order by subscriptions.created_at, subscription_id
            """
        return try await pool.query(sql).map(Subscription.init(row:))
    }

    /// The one of that id; nil when there is none.
    public func find(_ id: String) async throws -> Subscription? {
        let sql = """
            select \(Subscription.columns) from millrace.subscriptions
            where subscription_id = upper($1)
            """
        return try await pool.query(sql, [id]).first.map(Subscription.init(row:))
    }

    /// Takes a subscription and its deliveries away; what is still to be delivered to it is not.
    ///
    /// - Returns: False when there is none of that id.
    public func delete(_ id: String) async throws -> Bool {
        let sql = """
            delete from millrace.subscriptions where subscription_id = upper($1)
            returning subscription_id
            """
        return try await !pool.query(sql, [id]).isEmpty
    }

    /// The id of the subscription that is this wish, made now where there was none.
    private func insert(
        _ request: SubscriptionRequest, _ connection: PostgresConnection
    ) async throws -> String {
        let sql = """
            insert into millrace.subscriptions
                (subscription_id, topic, pipeline, \(request.channel), secret, filter, filter_scope)
            values ($1, $2, $3, $4, $5, $6, $7)
            on conflict (topic, pipeline, email, webhook, command, (md5(filter_scope || filter)))
                do update set filter_scope = excluded.filter_scope
            returning subscription_id
            """
        let secret = request.channel == .webhook ? WebhookSecret().text : nil
        let scope = request.filter?.scope ?? .attributes
        let rows = try await connection.query(
            sql,
            [
                ULID().description, request.topic, request.pipeline, request.target, secret,
                request.filter?.text, scope.rawValue,
            ])
        guard let row = rows.first else {
            throw PostgresError(.shape, "the new subscription was not returned")
        }
        return try row.text("subscription_id")
    }
}
