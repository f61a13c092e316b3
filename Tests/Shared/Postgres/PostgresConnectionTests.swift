import Events
import Foundation
import Kit
import Postgres
import Testing

@Suite(
    "A PostgreSQL connection", .enabled(if: TestWarehouse.isAvailable, "\(TestWarehouse.missing)"),
    .timeLimit(.minutes(5)))
struct PostgresConnectionTests {
    @Test("binds parameters, nulls and awkward texts included")
    func parameters() async throws {
        try await withPool { pool in
            let rows = try await pool.query(
                "select $1::text as a, $2::text as b, $3::bigint + 1 as c, $4::text as d",
                ["x', NULL'); DROP SCHEMA Public --", nil, "41", ""])
            let row = try #require(rows.first)
            #expect(row["a"] == "x', NULL'); DROP SCHEMA Public --")
            #expect(row["b"] == nil && row["d"] == "")
            #expect(try row.integer("c") == 42)
            #expect(row.columns == ["a", "b", "c", "d"])
        }
    }

    @Test("refuses a NUL byte instead of cutting the text short")
    func nulByte() async throws {
        try await withPool { pool in
            await #expect(throws: PostgresError.self) {
                try await pool.query("select $1::text", ["a\0b"])
            }
        }
    }

    @Test("stops the statement of a cancelled task on the server and stays usable")
    func cancellation() async throws {
        try await withPool { pool in
            let clock = ContinuousClock()
            let began = clock.now
            let sleeper = Task { try await pool.query("select pg_sleep(30)") }
            try await eventuallyActive(pool, "select pg_sleep(30)")
            sleeper.cancel()
            await #expect(throws: CancellationError.self) { try await sleeper.value }
            #expect(clock.now - began < .seconds(10))
            #expect(try await pool.query("select 1 as one").first?["one"] == "1")
        }
    }

    @Test("stops nothing of its next borrower")
    func nextBorrower() async throws {
        try await withPool(size: 1) { pool in
            for _ in 0..<10 {
                let cancelled = Task { try await pool.query("select pg_sleep(30)") }
                try await Task.sleep(for: .milliseconds(30))
                cancelled.cancel()
                await #expect(throws: CancellationError.self) { try await cancelled.value }
                _ = try await pool.query("select pg_sleep(0.12)")
            }
        }
    }

    @Test("rolls back when the body throws, also when its task is cancelled")
    func rollback() async throws {
        try await withPool { pool in
            _ = try await pool.query("create table t (n int)")
            let writer = Task {
                try await pool.transaction { connection in
                    try await connection.run("insert into t values (1)")
                    _ = try await connection.query("select pg_sleep(30)")
                }
            }
            try await eventuallyActive(pool, "select pg_sleep(30)")
            writer.cancel()
            await #expect(throws: CancellationError.self) { try await writer.value }
            #expect(try await pool.query("select count(*) as n from t").first?["n"] == "0")
        }
    }

    @Test("says at the commit that a failed transaction was rolled back")
    func failedCommit() async throws {
        try await withPool { pool in
            await #expect(throws: PostgresError.self) {
                try await pool.transaction { connection in
                    do { try await connection.run("select 1/0") } catch is PostgresError {}
                }
            }
        }
    }

    @Test("is opened anew after the server closed it")
    func reconnect() async throws {
        try await withPool(size: 1) { pool in
            let pid = try #require(
                try await pool.query("select pg_backend_pid() as pid").first?["pid"])
            await #expect(throws: PostgresError.self) {
                try await pool.query("select pg_terminate_backend($1::int)", [pid])
            }
            #expect(try await pool.query("select 1 as one").first?["one"] == "1")
        }
    }

    @Test("answers a check while every connection of the pool is busy")
    func check() async throws {
        try await withPool(size: 1) { pool in
            try await pool.with { _ in try await pool.check() }
        }
    }

    @Test("names what it cannot reach and says that it is worth a retry")
    func unreachable() async throws {
        let address = try PostgresAddress(url: "postgres://nobody@127.0.0.1:1/x", password: nil)
        let pool = PostgresPool(address, size: 1, applicationName: "postgres tests")
        await #expect {
            try await pool.check()
        } throws: { error in
            (error as? PostgresError)?.disposition == .transient
        }
    }

    /// Waits until another connection runs `sql`.
    private func eventuallyActive(_ pool: PostgresPool, _ sql: String) async throws {
        let active =
            "select 1 from pg_stat_activity where query = $1 and state = 'active' "
            + "and datname = current_database()"
        while try await pool.query(active, [sql]).isEmpty { await Task.yield() }
    }
}

/// A pool on a new database.
func withPool(
    size: Int = 4, _ body: @Sendable (PostgresPool) async throws -> Void
) async throws {
    try await withDatabase { address in
        try await body(PostgresPool(address, size: size, applicationName: "postgres tests"))
    }
}
