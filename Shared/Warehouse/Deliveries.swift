public import Foundation
public import Postgres

/// The deliveries of all subscriptions, for who looks at them and sends them again.
public struct Deliveries: Sendable {
    /// Which of them; what is nil or empty does not matter.
    public struct Filter: Sendable {
        public var states: [DeliveryRecord.State] = []
        public var subscription: String?
        public var alert: String?
        public var since: Date?

        public init() {}

        static let condition = """
            (cardinality($1::text[]) = 0 or d.state = any($1::text[]))
                and ($2::text is null or d.subscription_id ^@ upper($2))
                and ($3::text is null or d.alert_id = $3)
                and ($4::double precision is null or d.created_at >= to_timestamp($4))
            """

        var parameters: [String?] {
            [
                "{\(states.map(\.rawValue).joined(separator: ","))}", subscription, alert,
                since.map { "\($0.timeIntervalSince1970)" },
            ]
        }
    }

    private let pool: PostgresPool

    public init(_ pool: PostgresPool) {
        self.pool = pool
    }

    /// Those of a filter, the newest first.
    public func list(_ filter: Filter, limit: Int) async throws -> [DeliveryRecord] {
        let sql = """
            select \(DeliveryRecord.columns) from \(DeliveryRecord.tables)
            where \(Filter.condition) order by d.created_at desc, d.delivery_id limit $5
            """
        return try await pool.query(sql, filter.parameters + ["\(limit)"])
            .map(DeliveryRecord.init(row:))
    }

    /// Those whose id begins with `word`; at most twenty, the newest first.
    public func find(_ word: String) async throws -> [DeliveryRecord] {
        let sql = """
            select \(DeliveryRecord.columns) from \(DeliveryRecord.tables)
            where d.delivery_id ^@ $1 order by d.created_at desc limit 20
            """
        return try await pool.query(sql, [word]).map(DeliveryRecord.init(row:))
    }

    /// All attempts at a delivery, the first first.
    public func attempts(at id: String) async throws -> [DeliveryRecord.Attempt] {
        let sql = """
            select attempt, notifier, outcome, response_code, answer, error,
                extract(epoch from started_at) as started, extract(epoch from ended_at) as ended
            from millrace.delivery_attempts where delivery_id = $1 order by attempt
            """
        return try await pool.query(sql, [id]).map(DeliveryRecord.Attempt.init(row:))
    }

    /// Sends failed ones again, with all the tries of their policy, the oldest first; the others
    /// of the filter stay as they are.
    ///
    /// - Parameter ids: Only those, where it is not nil.
    /// - Returns: How many will be sent.
    public func resend(_ filter: Filter, ids: [String]? = nil) async throws -> Int {
        var filter = filter
        filter.states = [.failed]
        let sql = """
            with again as (
                update millrace.deliveries as d
                set state = 'pending', tries = 0, next_attempt_at = now()
                where \(Filter.condition)
                    and ($5::jsonb is null
                        or d.delivery_id in (select jsonb_array_elements_text($5::jsonb)))
                returning 1
            )
            select count(*) as count from again
            """
        let rows = try await pool.query(sql, filter.parameters + [try ids.map(json)])
        return try rows.first?.integer("count") ?? 0
    }
}
