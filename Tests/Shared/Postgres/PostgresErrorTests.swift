import Events
import Postgres
import Testing

@Suite("A PostgreSQL error")
struct PostgresErrorTests {
    @Test(
        "is worth a retry only when the condition passes by itself",
        arguments: [
            ("40P01", Disposition.transient), ("40001", .transient), ("53100", .transient),
            ("57P01", .transient), ("55P03", .transient), ("25006", .transient),
            ("22P02", .permanent), ("42P01", .permanent), ("23505", .permanent),
        ])
    func disposition(sqlState: String, expected: Disposition) {
        #expect(PostgresError(.refused, "no", sqlState: sqlState).disposition == expected)
    }

    @Test("of the connection is worth a retry")
    func unreachable() {
        #expect(PostgresError(.unreachable, "gone").disposition == .transient)
    }
}
