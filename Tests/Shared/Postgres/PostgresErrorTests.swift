import Events
import Testing

@testable import Postgres

@Suite("A PostgreSQL error")
struct PostgresErrorTests {
    @Test(
        "is worth a retry only when the condition passes by itself",
        arguments: [
            ("40P01", Disposition.transient), ("40001", .transient), ("53100", .transient),
            ("53200", .transient), ("53300", .transient), ("53400", .transient),
            ("57P01", .transient), ("57P02", .transient), ("57P03", .transient),
            ("57014", .transient), ("57P04", .permanent), ("55P03", .transient),
            ("55006", .transient), ("55000", .permanent), ("25006", .transient),
            ("25P03", .transient), ("25P02", .permanent), ("08006", .transient),
            ("58030", .transient), ("58P01", .permanent), ("XX000", .transient),
            ("XX001", .permanent), ("XX002", .permanent), ("42501", .permanent),
            ("22P02", .permanent), ("42P01", .permanent), ("23505", .permanent),
            ("P0001", .permanent), ("", .permanent),
        ])
    func disposition(sqlState: String, expected: Disposition) {
        #expect(PostgresError(.refused, "no", sqlState: sqlState).disposition == expected)
    }

    @Test("of the connection is worth a retry")
    func unreachable() {
        #expect(PostgresError(.unreachable, "gone").disposition == .transient)
    }

    @Test(
        "is of one row only when another row may pass",
        arguments: [
            ("22P02", true), ("22021", true), ("22003", true), ("23514", true), ("23502", true),
            ("54000", true), ("54001", true), ("22P04", false), ("42804", false), ("57014", false),
        ])
    func rows(sqlState: String, expected: Bool) {
        #expect(PostgresError(.refused, "no", sqlState: sqlState).isOfRow == expected)
    }
}

@Suite("What is tried again at once")
struct TransactionRetriesTests {
    private let deadlock = PostgresError(.refused, "no", sqlState: "40P01")
    private let locked = PostgresError(.refused, "no", sqlState: "55P03")
    private let broken = PostgresError(.unreachable, "gone")

    @Test("has an end for every reason")
    func ends() {
        for (error, most) in [(deadlock, 10), (broken, 2)] {
            var retries = TransactionRetries()
            var count = 0
            while retries.pause(after: error) != nil { count += 1 }
            #expect(count == most)
        }
        var impatient = TransactionRetries(patience: .zero)
        #expect(impatient.pause(after: locked) == nil)
    }

    @Test("is not what stays as it is", arguments: ["22P02", "53100", "57014", "55000", "25006"])
    func never(sqlState: String) {
        var retries = TransactionRetries()
        #expect(retries.pause(after: PostgresError(.refused, "no", sqlState: sqlState)) == nil)
    }

    @Test("is a lock for as long as its holder may take")
    func locks() {
        var retries = TransactionRetries()
        for _ in 0..<100 { #expect(retries.pause(after: locked) != nil) }
    }
}
