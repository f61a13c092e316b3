import Postgres

/// How PostgreSQL's columns take values that their type has no room for, without changing those
/// that are there.
enum TypeLadder {
    private static let numbers = [
        "smallint", "integer", "bigint", "numeric(38,9)", "numeric",
    ]
    private static let times = ["date", "timestamp without time zone"]
    private static let others = [
        "double precision", "boolean", "timestamp with time zone", "text",
    ]

    /// The narrowest type that has the values of both; nil where there is none. It is the same in
    /// whatever order types come.
    ///
    /// - Parameter isNew: The column has what was written and not what a declared type makes of
    ///   it: a date that became a time would not be told from a time.
    static func join(_ one: String, _ other: String, isNew: Bool) -> String? {
        if one == other { return one }
        if let rung = rung(one, other, of: numbers) { return rung }
        if !isNew, let rung = rung(one, other, of: times) { return rung }
        let known = numbers + times + others
        return known.contains(one) && known.contains(other) ? "text" : nil
    }

    /// The values of a column as those of a wider type.
    static func widened(_ column: String, from: String, to: String, isNew: Bool) -> String {
        let name = quotedIdentifier(column)
        switch (from, to) {
        case ("numeric(38,9)", "numeric"): return "trim_scale(\(name))"
        case ("numeric(38,9)", "text"): return "trim_scale(\(name))::text"
        case ("timestamp without time zone", "text") where !isNew:
            return "regexp_replace(\(name)::text, ' 00:00:00$', '')"
        case ("timestamp with time zone", "text"):
            let text = "to_char(\(name) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
            return "regexp_replace(\(text), '\\.?0+$', '') || 'Z'"
        default: return "\(name)::\(to)"
        }
    }

    private static func rung(_ one: String, _ other: String, of ladder: [String]) -> String? {
        guard let low = ladder.firstIndex(of: one), let high = ladder.firstIndex(of: other) else {
            return nil
        }
        return ladder[max(low, high)]
    }
}
