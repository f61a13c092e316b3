import Events
import Foundation
import Glibc
import Kit
import Postgres
import Testing

/// Limits that a test can wait for.
private let short = PostgresLimits(
    statement: .seconds(2), settling: .seconds(2), lock: .seconds(1), idle: .seconds(1))

@Suite(
    "A PostgreSQL server in trouble",
    .enabled(if: TestWarehouse.isAvailable, "\(TestWarehouse.missing)"),
    .timeLimit(.minutes(5)))
struct OutageTests {
    @Test("that hangs in the middle of a statement is given up, and the pool goes on")
    func frozen() async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 1, applicationName: "outage", limits: short)
            let error = await #expect(throws: PostgresError.self) {
                try await pool.with { connection in
                    try await withFrozen(try await pid(connection)) {
                        try await connection.query("select 1")
                    }
                }
            }
            #expect(error?.disposition == .transient && error?.kind == .unreachable)
            let rows = try await pool.query("select 1 as one")
            #expect(rows.first?["one"] == "1")
        }
    }

    @Test("that hangs does not keep a task that is cancelled")
    func frozenAndCancelled() async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 1, applicationName: "outage")
            await #expect(throws: CancellationError.self) {
                try await pool.with { connection in
                    try await withFrozen(try await pid(connection)) {
                        let asking = Task { try await connection.query("select 1") }
                        asking.cancel()
                        _ = try await asking.value
                    }
                }
            }
        }
    }

    @Test("ends a statement that takes too long, and the connection stays")
    func slow() async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 1, applicationName: "outage", limits: short)
            try await pool.with { connection in
                let before = try await pid(connection)
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.query("select pg_sleep(60)")
                }
                #expect(error?.sqlState == "57014" && error?.disposition == .transient)
                #expect(try await pid(connection) == before)
            }
        }
    }

    @Test("frees the locks of a process that does nothing, and waits for none for ever")
    func idleHolder() async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 2, applicationName: "outage", limits: short)
            try await pool.with { holder in
                try await holder.execute("begin; select pg_advisory_xact_lock(7)")
                // As long as it likes: nothing is asked in its transaction any more.
                let waits = TransactionRetries(patience: .seconds(60))
                try await pool.transaction(retries: waits) { connection in
                    _ = try await connection.query("select pg_advisory_xact_lock(7)")
                }
                let error = await #expect(throws: PostgresError.self) {
                    try await holder.execute("commit")
                }
                #expect(error?.kind == .unreachable)
            }
        }
    }

    @Test("names the lock that was not to be had as passing")
    func lockTimeout() async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 2, applicationName: "outage", limits: short)
            try await pool.with { holder in
                _ = try await holder.query("select pg_advisory_lock(7)")
                let error = await #expect(throws: PostgresError.self) {
                    try await pool.query("select pg_advisory_lock(7)")
                }
                #expect(error?.sqlState == "55P03" && error?.disposition == .transient)
            }
        }
    }

    @Test("lets both through that it had as a deadlock")
    func deadlock() async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 2, applicationName: "outage")
            _ = try await pool.query(
                "create table t as select n, 0 as x from generate_series(1, 2) n")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for order in [[1, 2], [2, 1]] {
                    group.addTask {
                        try await pool.transaction(retries: TransactionRetries()) { connection in
                            for n in order {
                                try await connection.run(
                                    "update t set x = x + 1 where n = $1", ["\(n)"])
                                _ = try await connection.query("select pg_sleep(0.3)")
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await pool.query("select sum(x) as x from t").first?["x"] == "4")
        }
    }

    @Test("is asked again on a new connection when one breaks, also for the outcome of a commit")
    func broken() async throws {
        try await withDatabase { address in
            try await withRelay(to: address) { relayed, relay in
                let pool = PostgresPool(relayed, size: 1, applicationName: "outage")
                _ = try await pool.query("create table t (n int primary key)")
                var tries = 0
                relay.loseAnswer(to: "commit")
                try await pool.transaction(retries: TransactionRetries()) { connection in
                    tries += 1
                    if tries == 2 {
                        #expect(try await connection.query("select from t").count == 1)
                    }
                    try await connection.run("insert into t values (1) on conflict do nothing")
                }
                #expect(tries == 2 && !relay.isArmed)
                #expect(try await pool.query("select from t").count == 1)
            }
        }
    }

    private func pid(_ connection: PostgresConnection) async throws -> Int32 {
        let rows = try await connection.query("select pg_backend_pid() as pid")
        return try Int32(#require(rows.first).integer("pid"))
    }

    /// Runs `body` while the server's process for one connection stands still.
    private func withFrozen<Value>(
        _ pid: Int32, _ body: () async throws -> Value
    ) async throws -> Value {
        try #require(kill(pid, SIGSTOP) == 0)
        defer { kill(pid, SIGCONT) }
        return try await body()
    }
}
