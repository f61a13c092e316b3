import Events
public import Foundation
public import Postgres

/// The silences: the table `millrace.silences`.
public struct Silences: Sendable {
    private let pool: PostgresPool

    public init(_ pool: PostgresPool) {
        self.pool = pool
    }

    /// Keeps a silence and says how many open alerts it fits.
    ///
    /// - Throws: A permanent `HandlingError` where a pattern is none.
    public func add(
        _ matchers: [Silence.Matcher], from start: Date, until end: Date, who: String,
        comment: String
    ) async throws -> (silence: Silence, fitting: Int) {
        let silence = Silence(
            id: ULID().description, matchers: matchers, startsAt: start, endsAt: end, who: who,
            comment: comment)
        for matcher in matchers where [.isMatch, .isNoMatch].contains(matcher.comparison) {
            try await check(matcher)
        }
        let fitting = try await pool.transaction { connection in
            try await connection.run(
                """
                insert into millrace.silences
                    (silence_id, matchers, starts_at, ends_at, who, comment)
                values ($1, $2::jsonb, to_timestamp($3::double precision),
                    to_timestamp($4::double precision), $5, $6)
                """,
                [
                    silence.id, try json(matchers), "\(start.timeIntervalSince1970)",
                    "\(end.timeIntervalSince1970)", who, comment,
                ])
            let rows = try await connection.query(
                """
                select count(*) as fitting from millrace.alerts as a
                where kind = 'raised' and resolved_at is null and millrace.fits($1::jsonb, a)
                """, [try json(matchers)])
            return try rows.first?.integer("fitting") ?? 0
        }
        return (silence, fitting)
    }

    /// The newest first.
    ///
    /// - Parameter all: Those that have expired, too.
    public func list(all: Bool) async throws -> [Silence] {
        let sql = """
            select silence_id, matchers, extract(epoch from starts_at) as starts,
                extract(epoch from ends_at) as ends, who, comment
            from millrace.silences where $1 = 't' or ends_at > now()
            order by created_at desc, silence_id limit 1000
            """
        return try await pool.query(sql, [all ? "t" : "f"]).map { row in
            Silence(
                id: try row.text("silence_id"),
                matchers: try decoded([Silence.Matcher].self, try row.text("matchers")),
                startsAt: try row.date("starts"), endsAt: try row.date("ends"),
                who: try row.text("who"), comment: try row.text("comment"))
        }
    }

    /// Ends a silence now.
    ///
    /// - Returns: False when there is none of that id that has not ended.
    public func expire(_ id: String) async throws -> Bool {
        let sql = """
            update millrace.silences set ends_at = greatest(now(), starts_at)
            where silence_id = upper($1) and ends_at > now() returning silence_id
            """
        return try await !pool.query(sql, [id]).isEmpty
    }

    private func check(_ matcher: Silence.Matcher) async throws {
        do {
            _ = try await pool.query("select '' ~ ('^(?:' || $1 || ')$')", [matcher.value])
        } catch let error as PostgresError where error.sqlState == "2201B" {
            throw HandlingError(
                .permanent, "silence.pattern",
                "`\(matcher.value)` is no pattern: \(error.message)")
        }
    }
}
