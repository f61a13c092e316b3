import Events
import Foundation
public import Outbound
import Postgres

extension Subscriptions {
    /// How long a subscriber has to confirm, as with Amazon SNS.
    public static let confirmationDays = 3
    /// So many questions a day are sent for one subscription, and so far apart.
    static let questionsPerDay = 5
    static let questionSeconds = 60

    /// Asks the subscriber once more to confirm.
    ///
    /// - Returns: False when there is no subscription of that id.
    /// - Throws: A permanent `HandlingError` when there is nothing to confirm, or too much was
    ///   asked.
    public func askAgain(_ id: String) async throws -> Bool {
        try await pool.transaction { connection in
            guard try await exists(id, connection) else { return false }
            try await ask(id, isAgain: true, connection)
            return true
        }
    }

    /// Confirms in the name of the subscriber: for receivers of the operator's own.
    ///
    /// - Returns: False when there is no subscription of that id.
    /// - Throws: A permanent `HandlingError` when the subscriber has left.
    public func vouch(_ id: String, by voucher: String) async throws -> Bool {
        try await pool.transaction { connection in
            guard try await exists(id, connection) else { return false }
            try await vouch(id, by: voucher, connection)
            return true
        }
    }

    /// What came of a token.
    public enum Answer: Sendable, Equatable {
        /// The subscription is confirmed by it, or would be.
        case confirmed(Subscription)
        /// It confirmed this subscription before.
        case used(Subscription)
        case expired
        /// It was never handed out, or its subscription is gone.
        case unknown
    }

    /// What a token would confirm; changes nothing.
    public func read(token: String) async throws -> Answer {
        try await pool.transaction { try await find(token: token, $0) }
    }

    /// Confirms the subscription that the token was made for. Once: no token of it works again.
    ///
    /// - Parameter way: `link` or `answer`.
    public func confirm(token: String, by way: String) async throws -> Answer {
        try await pool.transaction { connection in
            let answer = try await find(token: token, connection)
            guard case .confirmed(let subscription) = answer else { return answer }
            let sql = """
                with used as (
                    update millrace.confirmations set used_at = now()
                    where subscription_id = $1 and used_at is null
                )
                update millrace.subscriptions set state = 'confirmed', confirmed_at = now(),
                    confirmed_by = $2, challenge_at = null, challenge_error = null,
                    unsubscribed_at = null
                where subscription_id = $1 returning \(Subscription.columns)
                """
            let rows = try await connection.query(sql, [subscription.id, way])
            return try rows.first.map { .confirmed(try Subscription(row: $0)) } ?? .unknown
        }
    }

    /// Ends a subscription at the subscriber's wish; what is still to be delivered to it is not.
    ///
    /// - Returns: The subscription as it is now; nil when there is none of that id.
    public func unsubscribe(_ id: String) async throws -> Subscription? {
        let sql = """
            with dropped as (
                update millrace.deliveries set state = 'failed', next_attempt_at = null,
                    last_error = 'the subscriber has left'
                where subscription_id = $1 and state = 'pending'
            ), owed as (
                delete from millrace.alert_groups where subscription_id = $1
            ), void as (
                update millrace.confirmations set used_at = now()
                where subscription_id = $1 and used_at is null
            )
            update millrace.subscriptions set state = 'unsubscribed', challenge_at = null,
                unsubscribed_at = coalesce(unsubscribed_at, now())
            where subscription_id = $1 returning \(Subscription.columns)
            """
        return try await pool.query(sql, [id]).first.map(Subscription.init(row:))
    }

    /// Takes away what nobody has confirmed in time.
    ///
    /// - Returns: How many.
    public func removeUnconfirmed() async throws -> Int {
        let sql = """
            delete from millrace.subscriptions where state = 'pending'
                and asked_at < now() - interval '\(Self.confirmationDays) days'
            returning subscription_id
            """
        return try await pool.query(sql).count
    }

    /// The key that signs the links by which subscribers leave.
    public func linkKey() async throws -> LinkKey {
        guard let row = try await pool.query("select key from millrace.link_key").first else {
            throw PostgresError(.shape, "millrace.link_key is empty")
        }
        return LinkKey(try row.text("key"))
    }

    // What follows runs in a transaction of the caller.

    func ask(_ id: String, isAgain: Bool, _ connection: PostgresConnection) async throws {
        let sql = """
            select state, challenge_at is not null as is_asked,
                (select count(*) from millrace.confirmations as c
                    where c.subscription_id = s.subscription_id
                        and sent_at > now() - interval '1 day') as questions,
                (select coalesce(max(sent_at) > now() - interval '\(Self.questionSeconds) s', false)
                    from millrace.confirmations as c
                    where c.subscription_id = s.subscription_id) as is_fresh
            from millrace.subscriptions as s where subscription_id = upper($1) for update
            """
        guard let row = try await connection.query(sql, [id]).first else { return }
        if row["state"] == Subscription.State.confirmed.rawValue {
            guard isAgain else { return }
            throw HandlingError(
                .permanent, "subscription.confirmed", "the subscription is confirmed already")
        }
        if isAgain, row["state"] == Subscription.State.unsubscribed.rawValue {
            throw HandlingError(
                .permanent, "subscription.unsubscribed",
                "the subscriber has left: subscribe anew, and they are asked")
        }
        let isEarly = row.boolean("is_fresh") || row.boolean("is_asked")
        if try row.integer("questions") >= Self.questionsPerDay || isEarly {
            // Whoever makes the same wish twice is no nuisance: they are being asked.
            if !isAgain, isEarly, row["state"] == Subscription.State.pending.rawValue { return }
            throw HandlingError(
                .permanent, "subscription.asked",
                "the subscriber was just asked: at most once in \(Self.questionSeconds) s, and "
                    + "\(Self.questionsPerDay) times a day")
        }
        try await connection.run(
            """
            update millrace.subscriptions set state = 'pending', asked_at = now(),
                challenge_at = now(), challenges = 0, challenge_error = null
            where subscription_id = upper($1)
            """, [id])
    }

    func vouch(
        _ id: String, by voucher: String, _ connection: PostgresConnection
    ) async throws {
        let sql = """
            update millrace.subscriptions set state = 'confirmed', challenge_at = null,
                challenge_error = null,
                confirmed_at = case state when 'confirmed' then confirmed_at else now() end,
                confirmed_by = case state when 'confirmed' then confirmed_by else $2 end
            where subscription_id = upper($1) and unsubscribed_at is null
            """
        guard try await connection.run(sql, [id, voucher]) == 0 else { return }
        throw HandlingError(
            .permanent, "subscription.unsubscribed",
            "the subscriber has left: only they can confirm that they come back; subscribe anew "
                + "without a voucher, and they are asked")
    }

    private func exists(_ id: String, _ connection: PostgresConnection) async throws -> Bool {
        let sql = "select from millrace.subscriptions where subscription_id = upper($1)"
        return try await !connection.query(sql, [id]).isEmpty
    }

    private func find(
        token: String, _ connection: PostgresConnection
    ) async throws -> Answer {
        let sql = """
            select \(Subscription.columns), expires_at <= now() as is_expired,
                used_at is not null as is_used
            from millrace.confirmations join millrace.subscriptions using (subscription_id)
            where token_hash = $1 for update
            """
        let hash = SHA256.hex(of: Data(token.utf8))
        guard let row = try await connection.query(sql, [hash]).first else { return .unknown }
        if row.boolean("is_used") { return .used(try Subscription(row: row)) }
        return row.boolean("is_expired") ? .expired : .confirmed(try Subscription(row: row))
    }
}
