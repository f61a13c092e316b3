import Kit
import Postgres
import Testing

@testable import Warehouse

@Suite(
    "Millrace's own schema", .enabled(if: TestWarehouse.isAvailable, "\(TestWarehouse.missing)"),
    .serialized, .timeLimit(.minutes(5)))
struct SystemSchemaTests {
    @Test("is made once, however many processes begin at the same time")
    func concurrent() async throws {
        try await withDatabase { address in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        let pool = PostgresPool(address, size: 1, applicationName: "tests")
                        try await SystemSchema.migrate(pool)
                    }
                }
                try await group.waitForAll()
            }
            let pool = PostgresPool(address, size: 1, applicationName: "tests")
            try await SystemSchema.migrate(pool)
            let rows = try await pool.query("select count(*) as n from millrace.migrations")
            #expect(try rows.first?.integer("n") == SystemSchema.migrations.count)
        }
    }

    @Test("shows readers everything but the secrets of subscriptions")
    func secrets() async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 1, applicationName: "tests")
            try await SystemSchema.migrate(pool)
            try await asReader(pool, "select topic, webhook from millrace.subscriptions")
            try await asReader(pool, "select * from millrace.runs")
            let refusal = await #expect(throws: PostgresError.self) {
                try await asReader(pool, "select secret from millrace.subscriptions")
            }
            #expect(refusal?.sqlState == "42501")
        }
    }

    private func asReader(_ pool: PostgresPool, _ sql: String) async throws {
        try await pool.transaction { connection in
            try await connection.execute("set local role millrace_reader")
            _ = try await connection.query(sql)
        }
    }
}
