public import Postgres

/// Millrace's own tables in the warehouse: the schema `millrace`, brought up to date step by step.
public enum SystemSchema {
    /// The schema of Millrace's own tables.
    public static let name = "millrace"
    /// The group that may read what pipelines publish, and nothing else.
    public static let reader = "millrace_reader"

    /// Runs every migration that this database has not had yet, in one transaction.
    ///
    /// Any number of processes may call it at once: one works, the others wait and find it done.
    public static func migrate(_ pool: PostgresPool) async throws {
        try await pool.transaction(retries: TransactionRetries()) { connection in
            try await lock(connection, "migrate")
            try await connection.execute(groundwork)
            let done = try await connection.query(
                "select coalesce(max(number), 0) as number from millrace.migrations")
            let last = try done.first?.integer("number") ?? 0
            for (index, migration) in migrations.enumerated().dropFirst(last) {
                try await connection.execute(migration)
                try await connection.run(
                    "insert into millrace.migrations (number) values ($1)", ["\(index + 1)"])
            }
        }
    }

    /// Waits for a lock of that name, which ends with the transaction.
    public static func lock(_ connection: PostgresConnection, _ name: String) async throws {
        _ = try await connection.query(
            "select pg_advisory_xact_lock(hashtextextended('millrace:' || $1, 0))", [name])
    }

    /// Takes a lock of that name if nobody has it; it ends with the transaction.
    public static func tryLock(_ connection: PostgresConnection, _ name: String) async throws
        -> Bool
    {
        let sql = """
            select pg_try_advisory_xact_lock(hashtextextended('millrace:' || $1, 0)) as is_taken
            """
        return try await connection.query(sql, [name]).first?.boolean("is_taken") ?? false
    }

    /// In their order. One that has been released is never changed; a change is a new one.
    static let migrations = [
        runTables, checkTables, alertTables, readerGrants, rejectStage, deadLetterTables,
        extractTable, rejectStore, schemaTables, replayTables, deliveryTables,
        measurementTables, childCounts, noticeTables, freshnessTable, subscriptionTables,
        adapterColumns, watchIndexes,
    ]

    private static let groundwork = """
        create schema if not exists millrace;
        create schema if not exists millrace_staging;
        create table if not exists millrace.migrations (
            number int primary key,
            applied_at timestamptz not null default now()
        );
        """
}
