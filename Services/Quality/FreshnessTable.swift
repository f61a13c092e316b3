import Checks
import Events
import Foundation
import Pipelines
import Postgres
import Warehouse

/// What the clock of freshness knows: the table `millrace.freshness`.
struct FreshnessTable: Sendable {
    let pool: PostgresPool

    /// One check that is watched.
    struct Watched: Sendable {
        let target: CheckTarget
        let check: Check
        let rule: Freshness

        var key: Key { Key(target.pipeline.name, target.name, check.name) }
    }

    /// What names a check.
    struct Key: Hashable, Sendable {
        let pipeline: String
        let table: String
        let check: String

        init(_ pipeline: String, _ table: String, _ check: String) {
            self.pipeline = pipeline
            self.table = table
            self.check = check
        }

        /// What alerts about it have in common.
        var alert: String { "freshness:\(pipeline).\(table):\(check)" }
        fileprivate var parameters: [String?] { [pipeline, table, check] }
    }

    /// What is known of one check.
    struct State: Sendable, Equatable {
        var since: Date
        var isMissed: Bool
        /// Counts misses.
        var number: Int
    }

    /// A word that is still to be said.
    struct Owed: Sendable {
        let key: Key
        let isRaised: Bool
        let number: Int
        let message: String
    }

    /// Does `body` in a transaction, unless another process does right now: one clock for all.
    func alone(_ body: (PostgresConnection) async throws -> Void) async throws {
        try await pool.transaction { connection in
            guard try await SystemSchema.tryLock(connection, "freshness") else { return }
            try await body(connection)
        }
    }

    /// What is known of a check; another rule than before begins anew.
    func state(of watched: Watched, _ connection: PostgresConnection) async throws -> State {
        let sql = """
            insert into millrace.freshness as kept (pipeline, "table", check_name, rule)
            values ($1, $2, $3, $4::jsonb)
            on conflict (pipeline, "table", check_name) do update set
                since = case when kept.rule = excluded.rule then kept.since else now() end,
                rule = excluded.rule, looked_at = now()
            returning extract(epoch from since) as since, missed_at is not null as missed, number
            """
        let rule = String(decoding: try EventJSON.encode(watched.rule), as: UTF8.self)
        let rows = try await connection.query(sql, watched.key.parameters + [rule])
        guard let row = rows.first, let since = Double(try row.text("since")) else {
            throw PostgresError(.shape, "millrace.freshness gave no row")
        }
        return State(
            since: Date(timeIntervalSince1970: since), isMissed: row.boolean("missed"),
            number: try row.integer("number"))
    }

    /// Notes that something is missing from now on.
    func miss(
        _ key: Key, at moment: Date, _ message: String, _ connection: PostgresConnection
    ) async throws {
        try await connection.run(
            """
            update millrace.freshness set missed_at = to_timestamp($4), message = $5,
                number = number + 1, owed = 'raised'
            where pipeline = $1 and "table" = $2 and check_name = $3
            """, key.parameters + ["\(moment.timeIntervalSince1970)", message])
    }

    /// Notes that it has come.
    func come(
        _ key: Key, _ message: String, _ connection: PostgresConnection
    ) async throws {
        try await connection.run(
            """
            update millrace.freshness set missed_at = null, message = $4, owed = 'resolved'
            where pipeline = $1 and "table" = $2 and check_name = $3
            """, key.parameters + [message])
    }

    /// Forgets checks that nobody asks for any more; what was missing of them is over.
    ///
    /// - Parameter unread: Pipelines that could not be read, of which nothing is known.
    func keepOnly(
        _ keys: [Key], unread: Set<String>, _ connection: PostgresConnection
    ) async throws {
        let rows = try await connection.query(
            """
            select pipeline, "table", check_name, missed_at is not null as missed,
                owed is null as said
            from millrace.freshness
            """)
        let wanted = Set(keys)
        for row in rows {
            let key = Key(
                try row.text("pipeline"), try row.text("table"), try row.text("check_name"))
            guard !wanted.contains(key), !unread.contains(key.pipeline) else { continue }
            if row.boolean("missed") {
                try await come(key, "it is watched no more", connection)
            } else if row.boolean("said") {
                try await connection.run(
                    """
                    delete from millrace.freshness
                    where pipeline = $1 and "table" = $2 and check_name = $3
                    """, key.parameters)
            }
        }
    }

    /// What is still to be said.
    func owed(_ connection: PostgresConnection) async throws -> [Owed] {
        try await connection.query(
            """
            select pipeline, "table", check_name, owed, number, message
            from millrace.freshness where owed is not null order by 1, 2, 3
            """
        ).map { row in
            Owed(
                key: Key(
                    try row.text("pipeline"), try row.text("table"), try row.text("check_name")),
                isRaised: try row.text("owed") == "raised", number: try row.integer("number"),
                message: row["message"] ?? "")
        }
    }

    /// Nothing more is to be said.
    func said(_ connection: PostgresConnection) async throws {
        try await connection.run("update millrace.freshness set owed = null where owed is not null")
    }
}
