public import Events
import Outbound
import Postgres

/// How a subscription is delivered to; what is nil stays as it is.
public struct DeliveryOptions: Sendable {
    public var policy: DeliveryPolicy?
    /// Networks inside that its webhook may reach, instead of those before.
    public var allowed: [String]?
    public var adapter: WebhookAdapter?

    public init(
        policy: DeliveryPolicy? = nil, allowed: [String]? = nil, adapter: WebhookAdapter? = nil
    ) {
        self.policy = policy
        self.allowed = allowed
        self.adapter = adapter
    }

    /// Why these cannot be; nil when they can.
    public var mistake: HandlingError? {
        for text in allowed ?? [] {
            guard let network = Network(text), network.isInside else {
                return HandlingError(
                    .permanent, "subscription.allow",
                    "`\(text)` is not a network inside, such as 10.1.0.0/16, 192.168.7.5 or "
                        + "127.0.0.0/8; public addresses need no permission, and link-local ones, "
                        + "where clouds keep their secrets, get none")
            }
        }
        return nil
    }

    public var isEmpty: Bool { policy == nil && allowed == nil && adapter == nil }
}

extension Subscriptions {
    /// How long the old secret of a webhook signs beside the new one.
    public static let overlap = Duration.seconds(86_400)

    /// Changes how a subscription is delivered to.
    ///
    /// - Returns: False when there is none of that id.
    /// - Throws: What `DeliveryOptions.mistake` says.
    public func set(_ options: DeliveryOptions, of id: String) async throws -> Bool {
        if let mistake = options.mistake { throw mistake }
        return try await pool.with { try await set(options, of: id, $0) }
    }

    func set(
        _ options: DeliveryOptions, of id: String, _ connection: PostgresConnection
    ) async throws -> Bool {
        let sql = """
            update millrace.subscriptions set
                delivery_policy = case when $2::boolean then $3::jsonb else delivery_policy end,
                allow_private = case when $4::jsonb is null then allow_private
                    else array(select jsonb_array_elements_text($4::jsonb)) end,
                adapter = case when $5::boolean then $6 else adapter end,
                template = case when $5::boolean then $7::jsonb else template end
            where subscription_id = upper($1) returning 1
            """
        let rows = try await connection.query(
            sql,
            [
                id, "\(options.policy != nil)", options.policy?.json,
                try options.allowed.map(json), "\(options.adapter != nil)", options.adapter?.name,
                try options.adapter?.template?.json,
            ])
        return !rows.isEmpty
    }

    /// Gives a webhook a new secret; for a day both sign, so that its receiver can be changed
    /// without losing anything.
    ///
    /// - Returns: The new secret; nil when there is no webhook of that id.
    public func rotate(_ id: String) async throws -> String? {
        let secret = WebhookSecret().text
        let sql = """
            update millrace.subscriptions set previous_secret = secret, secret = $2,
                previous_secret_until = now() + make_interval(secs => $3::double precision)
            where subscription_id = upper($1) and webhook is not null returning 1
            """
        let rows = try await pool.query(sql, [id, secret, "\(Self.overlap / .seconds(1))"])
        return rows.isEmpty ? nil : secret
    }

    /// Sets a disabled subscription going again; what failed before is forgiven, and waits for
    /// `Deliveries.resend`.
    ///
    /// - Returns: False when there is none of that id.
    public func enable(_ id: String) async throws -> Bool {
        let sql = """
            update millrace.subscriptions set disabled_reason = null, failing_since = null,
                failures = 0, enabled_at = now(),
                owed_word = case when disabled_at is null then owed_word
                    when owed_word is null then 'enabled' end,
                disabled_at = null
            where subscription_id = upper($1) returning 1
            """
        return try await !pool.query(sql, [id]).isEmpty
    }
}
