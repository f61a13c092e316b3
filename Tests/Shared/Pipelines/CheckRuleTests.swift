import Pipelines
import Testing

@Suite("A check of the language")
struct CheckRuleTests {
    private static func check(_ text: String) -> String {
        yaml(
            columns: "{book_id: bigint required, title: text, seen_at: timestamp, n: integer}",
            dataset: "checks: [{\(text)}]",
            models: "models: {m: {sql: \"select 1 as a from {{books}}\"}}")
    }

    private static func modelCheck(_ text: String) -> String {
        yaml(models: "models: {m: {sql: \"select 1 as a from {{books}}\", checks: [{\(text)}]}}")
    }

    private func read(_ text: String) throws -> Check {
        let (pipeline, report) = try lint(Self.check(text))
        #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
        return try #require(pipeline?.datasets.first?.checks.first)
    }

    private static let freshAt = Check.Rule.freshness(
        .age(column: "seen_at", seconds: 21_600, timeZone: "UTC"))

    private static let rules: [(String, String, Check.Rule, Check.Severity, Check.Scope)] = [
        (
            "regex: {column: title, pattern: \"^[A-Z]\"}", "regex(title)",
            .regex(column: "title", pattern: "^[A-Z]"), .block, .batch
        ),
        (
            "length: {column: title, min: 1, max: 80}, severity: quarantine", "length(title)",
            .length(column: "title", minimum: 1, maximum: 80), .quarantine, .batch
        ),
        (
            "null_rate: title, warn: 1%", "null_rate(title)", .notNull(column: "title"), .warn,
            .table
        ),
        (
            "null_rate: title, warn: 1%, block: 5%", "null_rate(title)", .notNull(column: "title"),
            .block, .batch
        ),
        (
            "not_null: title, warn: 0, scope: batch", "not_null(title)", .notNull(column: "title"),
            .warn, .batch
        ),
        (
            "functional_dependency: {columns: [book_id, n], determines: title}",
            "functional_dependency(book_id, n -> title)",
            .functionalDependency(columns: ["book_id", "n"], determines: "title"), .warn, .table
        ),
        (
            "schema: {columns: {n: integer}, exact: true}, severity: block", "schema",
            .schema(columns: [.init("n", .integer)], isExact: true), .block, .batch
        ),
        (
            "row_count_change: {over: 7, direction: drop}, block: 50%", "row_count_change",
            .rowCountChange(over: 7, direction: .drop), .block, .batch
        ),
        (
            "row_count_change: {}, warn: 50%", "row_count_change",
            .rowCountChange(over: 5, direction: .both), .warn, .batch
        ),
        (
            "anomaly: {metric: mean, column: n, season: weekday, least: 10}", "anomaly(mean(n))",
            .anomaly(Anomaly(metric: .mean, column: "n", season: .weekday, leastHistory: 10)),
            .warn,
            .batch
        ),
        (
            "anomaly: {metric: row_count}, scope: table", "anomaly(row_count)",
            .anomaly(Anomaly(metric: .rowCount)), .warn, .table
        ),
        (
            "reconcile: {to: m}", "reconcile(row_count -> m)",
            .reconcile(Reconciliation(to: "m")), .warn, .table
        ),
        (
            "reconcile: {sum: n, to: m.a}, block: 0.1%", "reconcile(n -> m.a)",
            .reconcile(Reconciliation(sum: "n", to: "m", toColumn: "a")), .block, .batch
        ),
        (
            "reconcile: {to: source}", "reconcile(row_count -> source)",
            .reconcile(Reconciliation(to: nil)), .warn, .table
        ),
        (
            "freshness: {column: seen_at, max_age: 6h}", "freshness(seen_at)", freshAt, .warn,
            .table
        ),
        (
            "freshness: {max_silence: 26h}", "freshness", .freshness(.silence(seconds: 93_600)),
            .warn, .table
        ),
    ]

    @Test("is read as it is written", arguments: rules.indices)
    func rule(index: Int) throws {
        let (text, name, rule, severity, scope) = Self.rules[index]
        let check = try read(text)
        #expect(check.name == name)
        #expect(check.rule == rule)
        #expect(check.severity == severity)
        #expect(check.scope == scope)
    }

    @Test("bears what it says, and an anomaly five deviations by itself")
    func limits() throws {
        let check = try read("unique: title, warn: 10, block: 0.5%")
        #expect(check.limits == Check.Limits(warn: .amount(10), block: .percent(0.5)))
        #expect(
            try read("anomaly: {metric: row_count}").limits == Check.Limits(warn: .amount(5)))
        #expect(
            try read("anomaly: {metric: row_count}, severity: block").limits
                == Check.Limits(block: .amount(5)))
    }

    @Test("has a deadline in its own zone, from midnight or the evening before")
    func deadline() throws {
        let early = try read("freshness: {by: \"07:00\", days: mon-fri, time_zone: Europe/Berlin}")
        guard case .freshness(.deadline(let deadline)) = early.rule else {
            Issue.record("\(early.rule)")
            return
        }
        #expect(deadline.due.text == "0 7 * * mon-fri")
        #expect(deadline.timeZone == "Europe/Berlin")
        #expect(deadline.windowSeconds == 7 * 3600)
        let late = try read("freshness: {by: \"02:30\", from: \"22:00\"}")
        guard case .freshness(.deadline(let deadline)) = late.rule else {
            Issue.record("\(late.rule)")
            return
        }
        #expect(deadline.windowSeconds == 4 * 3600 + 1800)
    }

    @Test(
        "is refused with a word that points",
        arguments: [
            Mistake(check("regx: {column: title, pattern: a}"), .unknownKey, at: "8:15", "regex"),
            Mistake(
                check("regex: {column: titel, pattern: a}"), .unknownColumn, at: "8:31", "title"),
            Mistake(check("regex: {column: title, patern: a}"), .unknownKey, at: "8:38", "pattern"),
            Mistake(check("regex: {column: title, pattern: \"[a\"}"), .badValue, at: "8:47"),
            Mistake(check("regex: {column: title}"), .missingKey, at: "8:22", "pattern"),
            Mistake(check("length: {column: n, max: 3}"), .misplacedOption, at: "8:32"),
            Mistake(check("length: {column: title}"), .missingKey, at: "8:23"),
            Mistake(check("length: {column: title, min: 5, max: 3}"), .reversedLimits, at: "8:44"),
            Mistake(check("null_rate: title"), .missingKey, at: "8:15", "warn"),
            Mistake(check("null_rate: title, wran: 1%"), .unknownKey, at: "8:33", "warn"),
            Mistake(check("null_rate: title, warn: 1%%"), .badValue, at: "8:39"),
            Mistake(
                check("null_rate: title, warn: 5%, block: 1%"), .reversedLimits, at: "8:39"),
            Mistake(
                check("not_null: title, warn: 5%, severity: block"), .misplacedOption, at: "8:42"),
            Mistake(check("row_count: {min: 1}, warn: 5%"), .badCheck, at: "8:36"),
            Mistake(check("row_count: {min: 1}, severity: quarantine"), .badCheck, at: "8:46"),
            Mistake(
                check("functional_dependency: {columns: [n], determines: n}"), .repeatedItem,
                at: "8:65"),
            Mistake(
                check("functional_dependency: {columns: n}"), .missingKey, at: "8:38", "determines"),
            Mistake(check("schema: {columns: {n: int}}"), .unknownWord, at: "8:37", "integer"),
            Mistake(check("schema: {exat: true}"), .unknownKey, at: "8:24", "exact"),
            Mistake(check("row_count_change: {over: 3}"), .missingKey, at: "8:15", "warn"),
            Mistake(check("row_count_change: {over: 0}, warn: 5%"), .badValue, at: "8:40"),
            Mistake(
                check("row_count_change: {direction: up}, warn: 5%"), .unknownWord, at: "8:45"),
            Mistake(check("anomaly: {metric: mean}"), .missingKey, at: "8:24", "column"),
            Mistake(check("anomaly: {metric: maen, column: n}"), .unknownWord, at: "8:33", "mean"),
            Mistake(check("anomaly: {metric: mean, column: title}"), .misplacedOption, at: "8:47"),
            Mistake(
                check("anomaly: {metric: row_count, column: n}"), .misplacedOption, at: "8:44"),
            Mistake(check("anomaly: {metric: row_count}, warn: 5%"), .badValue, at: "8:51"),
            Mistake(
                check("anomaly: {metric: row_count, least: 40, most: 10}"), .reversedLimits,
                at: "8:51"),
            Mistake(
                check("anomaly: {metric: row_count, time_zone: Europe/Berln}"), .badValue,
                at: "8:55", "Europe/Berlin"),
            Mistake(check("reconcile: {to: mm}"), .unknownTable, at: "8:31", "m"),
            Mistake(check("reconcile: {to: m.a}"), .badValue, at: "8:31"),
            Mistake(check("reconcile: {sum: n, to: m}"), .badValue, at: "8:39"),
            Mistake(check("reconcile: {sum: title, to: m.a}"), .misplacedOption, at: "8:32"),
            Mistake(check("freshness: {}"), .missingKey, at: "8:26"),
            Mistake(check("freshness: {max_aeg: 6h}"), .unknownKey, at: "8:27", "max_age"),
            Mistake(
                check("freshness: {column: title, max_age: 6h}"), .misplacedOption, at: "8:35"),
            Mistake(check("freshness: {max_silence: 6}"), .badValue, at: "8:40"),
            Mistake(
                check("freshness: {max_silence: 6h, by: \"07:00\"}"), .misplacedOption, at: "8:44"),
            Mistake(check("freshness: {max_silence: 6h, days: mon}"), .misplacedOption, at: "8:44"),
            Mistake(check("freshness: {by: \"25:00\"}"), .badValue, at: "8:31"),
            Mistake(check("freshness: {by: \"07:00\", days: mo-fr}"), .badValue, at: "8:46"),
            Mistake(
                check("freshness: {max_silence: 6h}, severity: block"), .badCheck, at: "8:55",
                "warn"),
            Mistake(
                check("not_null: title, scope: tabel, severity: warn"), .unknownWord, at: "8:39",
                "table"),
            Mistake(check("not_null: title, scope: table"), .lateBlock, at: "8:39", "batch"),
            Mistake(modelCheck("null_rate: a, block: 5%"), .lateBlock, at: "9:75", "warn"),
            Mistake(modelCheck("row_count: {min: 1}, scope: batch"), .misplacedOption, at: "9:82"),
            Mistake(modelCheck("schema: {}"), .missingKey, at: "9:69", "columns"),
            Mistake(modelCheck("reconcile: {to: source}"), .misplacedOption, at: "9:77"),
        ])
    func mistakes(mistake: Mistake) throws { try mistake.expectAlone() }
}
