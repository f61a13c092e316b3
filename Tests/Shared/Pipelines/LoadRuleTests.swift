import Pipelines
import Testing

@Suite("The load of a dataset")
struct LoadRuleTests {
    @Test("is read with its mode's own keys")
    func right() throws {
        func load(_ text: String) throws -> Load? {
            let (pipeline, report) = try lint(yaml(load: text))
            #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
            return pipeline?.datasets.first?.load
        }
        #expect(try load("replace") == Load(mode: .replace, key: [], newestBy: nil))
        let replace = try #require(try load("{mode: replace, key: book_id, newest_by: seen_at}"))
        #expect(replace.isNeverEmpty && replace.rowKey == ["book_id"])
        #expect(try load("{mode: replace, never_empty: false}")?.isNeverEmpty == false)
        #expect(try load("{mode: replace, max_shrink: 12.5%}")?.maxShrink == 12.5)
        let history = try #require(try load("{mode: scd2, key: book_id, newest_by: seen_at}"))
        #expect(history.rowKey == ["book_id", "seen_at"])
        let conditions = [
            "title = 'deleted'", "title is distinct from 'a' or (book_id in (1, 2))",
            "lower(\\\"title\\\") like 'del%' and not seen_at::date > current_date",
            "title ~ E'\\\\\\\\d;' -- why; not",
        ]
        for condition in conditions {
            let text = "{key: book_id, newest_by: seen_at, delete_when: \"\(condition)\"}"
            #expect(try load(text)?.deleteWhen?.isEmpty == false)
        }
    }

    @Test("says how much an extract may shrink as a share, and only where a file is all there is")
    func maxShrink() throws {
        try Mistake(yaml(load: "{mode: replace, max_shrink: 20}"), .badValue, at: "7:39")
            .expectAlone()
        try Mistake(
            yaml(load: "{mode: append, max_shrink: 20%}"), .misplacedOption, at: "7:26"
        ).expectAlone()
    }

    @Test("stands beside a limit of rejects, which `defaults` may say too")
    func rejectLimit() throws {
        func limit(top: String = "", dataset: String = "") throws -> RejectLimit? {
            let (pipeline, report) = try lint(yaml(top: top, dataset: dataset))
            #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
            let bytes = try PipelineJSON.encode(try #require(pipeline))
            return try PipelineJSON.decode(bytes).datasets.first?.maxRejected
        }
        #expect(try limit() == nil)
        #expect(try limit(dataset: "max_rejected: 1%") == .percent(1))
        #expect(try limit(top: "defaults: {max_rejected: 0.5 %}") == .percent(0.5))
        #expect(
            try limit(top: "defaults: {max_rejected: 2%}", dataset: "max_rejected: 0")
                == .records(0))
        for bad in ["-1", "101%", "1.5", "few"] {
            try Mistake(yaml(dataset: "max_rejected: \(bad)"), .badValue, at: "8:19").expectAlone()
        }
        #expect(
            RejectLimit.percent(1).allows(1, of: 100) && !RejectLimit.percent(1).allows(2, of: 101))
        #expect(RejectLimit.records(0).allows(0, of: 0) && !RejectLimit.records(3).allows(4, of: 9))
    }

    @Test(
        "has checks that set rows aside where a rule tells which",
        arguments: [
            Mistake(
                yaml(dataset: "checks: [{row_count: {min: 1}, severity: quarantine}]"), .badCheck,
                at: "8:46"),
            Mistake(
                yaml(
                    models:
                        "models: {m: {sql: \"select * from {{books}}\", checks: [{unique: a, severity: quarantine}]}}"
                ),
                .lateBlock, at: "9:77", "warn"),
        ])
    func quarantine(mistake: Mistake) throws { try mistake.expectAlone() }

    @Test("of an older revision is read as it was meant")
    func older() throws {
        let pipeline = try #require(try lint(yaml()).pipeline)
        let text = String(decoding: try PipelineJSON.encode(pipeline), as: UTF8.self)
        #expect(text.contains(#""load":{"key":["book_id"],"mode":"merge","newestBy":"seen_at"}"#))
    }

    @Test(
        "keeps to what makes sense together",
        arguments: [
            Mistake(load("{mode: replce}"), .unknownWord, at: "7:18", "replace"),
            Mistake(load("scd2"), .keylessMerge, at: "7:11"),
            Mistake(load("{mode: scd2, newest_by: seen_at}"), .keylessMerge, at: "7:18"),
            Mistake(load("{mode: scd2, key: book_id}"), .missingKey, at: "7:18", "newest_by"),
            Mistake(
                load("{mode: scd2, key: title, newest_by: book_id}"), .misplacedOption, at: "7:47"),
            Mistake(
                load("{mode: scd2, key: [book_id, seen_at], newest_by: seen_at}"),
                .misplacedOption, at: "7:60"),
            Mistake(load("{mode: replace, newest_by: seen_at}"), .misplacedOption, at: "7:27"),
            Mistake(load("{mode: append, never_empty: true}"), .misplacedOption, at: "7:26"),
            Mistake(load("{mode: replace, never_empty: no}"), .badValue, at: "7:40"),
            Mistake(
                load("{mode: replace, delete_when: title = 'x'}"), .misplacedOption, at: "7:27"),
            Mistake(
                load("{key: book_id, delete_when: title = 'x'}"), .missingKey, at: "7:26",
                "newest_by"),
        ])
    func combinations(mistake: Mistake) throws { try mistake.expectAlone() }

    @Test(
        "deletes when one closed condition over its columns holds",
        arguments: [
            Mistake(condition("titel = 'x'"), .unknownColumn, at: "7:60", "title"),
            Mistake(condition("\\\"Title\\\" = 'x'"), .unknownColumn, at: "7:59", "title"),
            Mistake(condition("title = deleted"), .unknownColumn, at: "7:68"),
            Mistake(condition("title = 'x'; drop table a"), .badSQL, at: "7:71"),
            Mistake(condition("true) or (true"), .badSQL, at: "7:64"),
            Mistake(condition("(title = 'x'"), .badSQL, at: "7:60"),
            Mistake(condition("title = 'x"), .badSQL, at: "7:68"),
            Mistake(condition("title = {{x}}"), .badSQL, at: "7:68"),
            Mistake(condition("book_id in (select 1)"), .badSQL, at: "7:72"),
            Mistake(condition(" -- nothing"), .empty, at: "7:59"),
        ])
    func conditions(mistake: Mistake) throws { try mistake.expectAlone() }

    private static func load(_ text: String) -> String { yaml(load: text) }

    private static func condition(_ text: String) -> String {
        yaml(load: "{key: book_id, newest_by: seen_at, delete_when: \"\(text)\"}")
    }
}
