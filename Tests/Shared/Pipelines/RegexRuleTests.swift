import Kit
import Postgres
import Testing

@testable import Pipelines

@Suite("A regular expression of a check", .timeLimit(.minutes(5)))
struct RegexRuleTests {
    static let right = [
        "", "a", "^[0-9]{13}$", "^97[89]-", "a|b", "a|", "(a|b)*", "(?:ab)+?", "a{2}", "a{2,}",
        "a{2,5}?", "[]a]", "[^]a]", "[a-]", "[-a]", "[[:alpha:]_]", "[[:alpha:][:digit:]]",
        "[[.hyphen.]]", "[[=e=]]", #"\d+\.\d*"#, #"\m\w+\M"#, #"(a)\1"#, "(?=a)b", "(?!a)b",
        "(?<=a)b", "(?<!a)b", "(?i)abc", "***=a(b", "***:a+", #"\u00e4"#, #"\x41"#, #"[\d\s]"#,
        #"[\]a]"#, "a{", "{a", "a{b", "(?#why)a", "()", #"\."#, #"a\{2"#, "ä+", "^$", #"\Aa\Z"#,
        "a??", "x*y*", #"\t"#, "[a-z0-9]", "(a)(b)(c)\\3",
    ]
    static let wrong = [
        "(", ")", "a)", "(a", "[a", "[", "*a", "+", "a**", "a+*", "(*a)", "a|*b", "^*", "[z-a]",
        "[[:alfa:]]", "a{5,2}", "a{256}", "a{2", "a{2,x}", #"\"#, #"a\q"#, #"(a)\2"#, "(?a)b(?i)",
        "(?<name>a)", "(?P<n>a)", #"\u12"#, "[a-b-c]", "{2}a", "(?z)a", #"\E"#,
    ]

    @Test("is taken where it compiles", arguments: right)
    func compiles(pattern: String) {
        #expect(throws: Never.self) { try PostgresRegex.check(pattern) }
    }

    @Test("is refused where it does not", arguments: wrong)
    func refused(pattern: String) {
        #expect(throws: PostgresRegex.Mistake.self) { try PostgresRegex.check(pattern) }
    }

    @Test(
        "is what the warehouse says it is",
        .enabled(if: TestWarehouse.isAvailable, Comment(rawValue: TestWarehouse.missing)))
    func sameAsWarehouse() async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 1, applicationName: "regex test")
            for (pattern, isRight) in Self.right.map({ ($0, true) })
                + Self.wrong.map({ ($0, false) })
            {
                var compiles = true
                do {
                    _ = try await pool.query("select 'a' ~ $1::text", [pattern])
                } catch let error as PostgresError where error.sqlState == "2201B" {
                    compiles = false
                }
                #expect(compiles == isRight, "\(pattern)")
            }
        }
    }
}
