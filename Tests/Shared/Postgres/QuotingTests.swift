import Kit
import Postgres
import Testing

@Suite("Quoting")
struct QuotingTests {
    @Test(
        "doubles what would end an identifier",
        arguments: [
            ("reviews", "\"reviews\""), ("a\"b", "\"a\"\"b\""), ("Ünï code", "\"Ünï code\""),
            ("\"; drop schema public --", "\"\"\"; drop schema public --\""),
        ])
    func identifiers(name: String, expected: String) {
        #expect(quotedIdentifier(name) == expected)
    }

    @Test(
        "survives the server's own reading of a literal",
        .enabled(if: TestWarehouse.isAvailable, "\(TestWarehouse.missing)"),
        arguments: ["", "it's", "a\\b", "\\'", "'; drop schema public; --", "日本\n\t\u{301}e"],
        ["on", "off"])
    func literals(text: String, conforming: String) async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 1, applicationName: "quoting tests")
            let rows = try await pool.with { connection in
                try await connection.execute(
                    "set escape_string_warning = off; "
                        + "set standard_conforming_strings = \(conforming)")
                return try await connection.query("select \(quotedLiteral(text)) as text")
            }
            #expect(rows.first?["text"] == text)
        }
    }
}

@Suite("A PostgreSQL address")
struct PostgresAddressTests {
    @Test("says where it is without user and password")
    func description() throws {
        let address = try PostgresAddress(
            url: "postgres://jo:secret@db.example:6000/shop", password: "other")
        #expect(address.description == "db.example:6000/shop")
        #expect(address.database("mill").description == "db.example:6000/mill")
    }

    @Test(
        "refuses what is not a PostgreSQL URL, without repeating it",
        arguments: ["", "db.example", "host=x password=secret", "mysql://jo:secret@db/x"])
    func refuses(url: String) {
        #expect {
            try PostgresAddress(url: url, password: nil)
        } throws: { error in
            !"\(error)".contains("secret") && (error as? PostgresError)?.kind == .address
        }
    }
}
