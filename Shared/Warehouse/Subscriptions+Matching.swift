public import Filters
public import Postgres

extension Subscriptions {
    /// The attributes of alerts: what filter policies may name in the scope `attributes`.
    public static let attributes = [
        "batch", "dataset", "key", "kind", "pipeline", "severity", "topic",
    ]

    /// The subscriptions that want an alert: the one place that decides it.
    ///
    /// Those are confirmed, not disabled, of its topic and pipeline, and their policy lets it
    /// through.
    /// - Returns: Their ids, sorted.
    public static func wanting(
        _ message: FilterMessage, topic: String, pipeline: String,
        _ connection: PostgresConnection
    ) async throws -> [String] {
        let sql = """
            select subscription_id, filter, filter_scope from millrace.subscriptions
            where state = 'confirmed' and disabled_at is null
                and exists (
                    select from unnest(string_to_array(topic, ',')) as wanted
                    where wanted = $1
                        or right(wanted, 1) = '*' and starts_with($1, left(wanted, -1)))
                and (pipeline is null or pipeline = $2)
            order by subscription_id
            """
        // Many subscribers share one policy.
        var known: [FilterKey: Bool] = [:]
        return try await connection.query(sql, [topic, pipeline]).compactMap { row in
            let id = try row.text("subscription_id")
            guard let text = row["filter"] else { return id }
            let key = FilterKey(text: text, scope: try row.text("filter_scope"))
            let isWanted = try known[key] ?? key.accepts(message)
            known[key] = isWanted
            return isWanted ? id : nil
        }
    }
}

private struct FilterKey: Hashable {
    let text: String
    let scope: String

    func accepts(_ message: FilterMessage) throws -> Bool {
        guard let scope = FilterPolicy.Scope(rawValue: scope) else {
            throw PostgresError(.shape, "millrace.subscriptions holds a scope of unknown form")
        }
        do throws(FilterMistake) {
            return try FilterPolicy(text, scope: scope).accepts(message)
        } catch {
            throw PostgresError(.shape, "millrace.subscriptions holds a malformed policy: \(error)")
        }
    }
}
