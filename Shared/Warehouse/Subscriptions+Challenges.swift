import Events
import Foundation
public import Outbound
import Postgres

/// A question that is to be sent to a subscriber.
public struct Challenge: Sendable {
    public var subscription: Subscription
    /// What a webhook's question is signed with.
    public var secret: WebhookSecret?
    /// Networks inside that it may reach.
    public var allowed: [Network]
    /// Confirms it; nowhere else than in here.
    public var token: String
    /// From 1.
    public var attempt: Int
}

/// How far the question to a subscriber has come.
public enum QuestionState: Sendable, Equatable {
    /// No notifier has sent it yet.
    case waiting
    case asked
    /// It did not reach the subscriber, for this reason.
    case failed(String)
    /// There is nothing to ask any more.
    case answered
}

extension Subscriptions {
    /// How far the question to a subscriber has come; nil where the subscription is gone.
    public func question(to id: String) async throws -> QuestionState? {
        let sql = """
            select state, challenge_error, challenges > 0 and challenge_at is null as is_sent
            from millrace.subscriptions where subscription_id = $1
            """
        guard let row = try await pool.query(sql, [id]).first else { return nil }
        if try row.text("state") != Subscription.State.pending.rawValue { return .answered }
        if let error = row["challenge_error"] { return .failed(error) }
        return row.boolean("is_sent") ? .asked : .waiting
    }

    /// Takes questions that are due, with a new token for each; no other notifier gets them before
    /// `leaseSeconds` are over.
    public func challenges(limit: Int, leaseSeconds: Int) async throws -> [Challenge] {
        try await pool.transaction { connection in
            let sql = """
                update millrace.subscriptions set challenges = challenges + 1,
                    challenge_at = now() + make_interval(secs => $2::double precision)
                where subscription_id in (
                    select subscription_id from millrace.subscriptions
                    where state = 'pending' and challenge_at <= now()
                    order by challenge_at limit $1 for update skip locked)
                returning \(Subscription.columns), secret, challenges,
                    to_json(allow_private) as allow_private
                """
            let rows = try await connection.query(sql, ["\(limit)", "\(leaseSeconds)"])
            var challenges: [Challenge] = []
            for row in rows {
                let token = RandomToken.make()
                let subscription = try Subscription(row: row)
                try await connection.run(
                    """
                    insert into millrace.confirmations (token_hash, subscription_id, expires_at)
                    values ($1, $2, now() + interval '\(Self.confirmationDays) days')
                    """, [SHA256.hex(of: Data(token.utf8)), subscription.id])
                challenges.append(
                    Challenge(
                        subscription: subscription,
                        secret: row["secret"].flatMap { WebhookSecret($0) },
                        allowed: try decoded([String].self, row.text("allow_private"))
                            .compactMap(Network.init),
                        token: token, attempt: try row.integer("challenges")))
            }
            return challenges
        }
    }

    /// Writes what became of a question.
    ///
    /// - Parameters:
    ///   - error: Why it did not reach the subscriber; nil when it did.
    ///   - pause: Until it is sent again; nil when it is not.
    public func finish(_ challenge: Challenge, error: String?, pause: Duration?) async throws {
        _ = try await pool.query(
            """
            update millrace.subscriptions set challenge_error = $2,
                challenge_at = now() + make_interval(secs => $3::double precision)
            where subscription_id = $1 and state = 'pending'
            """, [challenge.subscription.id, error, pause.map { "\($0 / .seconds(1))" }])
    }
}
