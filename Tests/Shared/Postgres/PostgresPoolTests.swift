import Kit
import Postgres
import Testing

@Suite(
    "A pool of connections", .enabled(if: TestWarehouse.isAvailable, "\(TestWarehouse.missing)"),
    .timeLimit(.minutes(5)))
struct PostgresPoolTests {
    @Test("never opens more connections than its size, and everybody has a turn")
    func limit() async throws {
        try await withPool(size: 2) { pool in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        let sql = """
                            select count(*) as n from pg_stat_activity
                            where datname = current_database() and backend_type = 'client backend'
                            """
                        return try await pool.query(sql).first?.integer("n") ?? 0
                    }
                }
                var turns = 0
                for try await connections in group {
                    #expect(connections <= 2)
                    turns += 1
                }
                #expect(turns == 20)
            }
        }
    }

    @Test("waits on its lanes, so that the process's tasks go on")
    func waitsOnLanes() async throws {
        try await withPool(size: 8) { pool in
            try await pool.with { holder in
                _ = try await holder.query("select pg_advisory_lock(1)")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<7 {
                        group.addTask {
                            _ = try await pool.query(
                                "select pg_advisory_lock(1), pg_advisory_unlock(1)")
                        }
                    }
                    // Seven waits on the tasks' own threads, fewer than seven, would be the end.
                    while try await waiters(holder) < 7 {}
                    _ = try await holder.query("select pg_advisory_unlock(1)")
                    try await group.waitForAll()
                }
            }
        }
    }

    private func waiters(_ connection: PostgresConnection) async throws -> Int {
        let sql = """
            select count(*) as n from pg_stat_activity
            where datname = current_database() and wait_event = 'advisory'
            """
        return try await connection.query(sql).first?.integer("n") ?? 0
    }

    @Test("lets a cancelled waiter go and lends to the next")
    func cancelledWaiter() async throws {
        try await withPool(size: 1) { pool in
            try await pool.with { _ in
                let waiter = Task { try await pool.check() }
                waiter.cancel()
                await #expect(throws: CancellationError.self) { try await waiter.value }
            }
            try await pool.check()
        }
    }

    @Test("rolls back what a borrower left open")
    func leftOpen() async throws {
        try await withPool(size: 1) { pool in
            try await pool.with { try await $0.execute("begin; create table t (n int)") }
            let rows = try await pool.query("select to_regclass('t') as t")
            #expect(rows.first?["t"] == nil)
        }
    }
}
