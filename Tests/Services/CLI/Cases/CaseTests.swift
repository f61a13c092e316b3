import Foundation
import Kit
import Stack
import Testing

@testable import millrace

@Suite(
    "A case of a pipeline's tests", .timeLimit(.minutes(5)),
    .enabled(if: ServerPrograms.engine() != nil, "needs the engine"))
struct CaseTests {
    /// - Parameter load: Of the dataset `items`, whose columns are id, n, state and at.
    private static func pipeline(
        _ load: String, checks: String = "", models: String = "", more: String = ""
    ) -> String {
        """
        name: shop
        datasets:
          items:
            source: {files: items}
            columns: {id: bigint required, n: integer, state: text, at: timestamp required}
            load: \(load)
            \(checks)
        \(models)
        \(more)
        """
    }

    /// Two batches of three versions of two items.
    private static let batches = """
        batches:
          - items: [{rows: [{id: 1, n: 1, at: "2020-01-02 00:00:00"}, {id: 2, n: 2, at: "2020-01-01 00:00:00"}]}]
          - items: [{rows: [{id: 1, n: 9, at: "2020-01-01 00:00:00"}, {id: 2, n: 3, state: gone, at: "2020-01-03 00:00:00"}]}]
        """

    private func run(
        _ pipeline: String, _ cases: [String], files: [String: String] = [:], _ words: String...
    ) async throws -> VerbCall {
        try await withFolder { folder in
            var files = files
            files["pipeline.yaml"] = pipeline
            for (index, text) in cases.enumerated() { files["tests/\(index).yaml"] = text }
            for (name, text) in files {
                let file = URL(filePath: "\(folder)/\(name)")
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: file)
            }
            return try await VerbCall(millrace.Test(), [folder] + words)
        }
    }

    @Test(
        "merges batches as the loader does",
        arguments: [
            ("append", "[{id: 1, n: 1}, {id: 2, n: 2}, {id: 1, n: 9}, {id: 2, n: 3}]"),
            ("{mode: merge, key: id, newest_by: at}", "[{id: 1, n: 1}, {id: 2, n: 3}]"),
            ("{mode: merge, key: id}", "[{id: 1, n: 9}, {id: 2, n: 3}]"),
            (
                "{mode: merge, key: id, newest_by: at, delete_when: \"state = 'gone'\"}",
                "[{id: 1, n: 1}]"
            ),
            ("{mode: replace}", "[{id: 1, n: 9}, {id: 2, n: 3}]"),
            (
                "{mode: scd2, key: id, newest_by: at}",
                """
                [{id: 1, n: 9, _is_current: false, _valid_to: "2020-01-02"}, {id: 1, n: 1, _is_current: true},
                 {id: 2, n: 2, _is_current: false}, {id: 2, n: 3, _valid_to: null}]
                """
            ),
        ])
    func loads(load: String, rows: String) async throws {
        let test = "name: all\n\(Self.batches)\nexpect: {items: {rows: \(rows)}}\n"
        let call = try await run(Self.pipeline(load), [test])
        #expect(call.code == .done, "\(call.output)\(call.errors)")
    }

    @Test("says what differs, with the place of the expectation, and exits with 1")
    func differs() async throws {
        let test = """
            name: wrong
            \(Self.batches)
            expect:
              items:
                rows:
                  - {id: 1, n: 1}
                  - {id: 2, n: 4}
                  - {id: 3}
              rejects: {items: [{line: 2}]}
            """
        let load = "{mode: merge, key: id, newest_by: at}"
        let call = try await run(
            Self.pipeline(load),
            [test, "name: fine\n\(Self.batches)\nexpect: {items: {rows: [{id: 1}, {id: 2}]}}"])
        #expect(call.code == .failed)
        #expect(call.output.contains("tests/0.yaml:9:"), "\(call.output)")
        #expect(call.output.contains("    - id: 2, n: 4\n    - id: 3\n    + id: 2, n: 3\n"))
        #expect(call.output.contains("items has 0 rejects"))
        #expect(call.output.contains("✓ fine"))
        let json = try await run(Self.pipeline(load), [test], "--format", "json")
        let records =
            try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [[String: Any]]
        #expect(records?.count == 2)
        #expect(records?.first?["line"] as? Int == 9)
        #expect(records?.first?["passed"] as? Bool == false)
    }

    @Test("looks at order where it matters, and at nothing but the columns that are named")
    func order() async throws {
        let models = "models: {ranked: {sql: \"select id, n from {{items}} order by n desc\"}}"
        func test(_ rows: String, _ name: String) -> String {
            "name: \(name)\n\(Self.batches)\nexpect: {models: {ranked: {rows: \(rows), ordered: true}}}\n"
        }
        let load = "{mode: merge, key: id, newest_by: at}"
        let call = try await run(
            Self.pipeline(load, models: models),
            [test("[{id: 2}, {id: 1}]", "right"), test("[{id: 1}, {id: 2}]", "wrong")])
        #expect(
            call.output.contains("✓ right") && call.output.contains("✗ wrong"), "\(call.output)")
        let only = try await run(
            Self.pipeline(load, models: models),
            [test("[{id: 2}, {id: 1}]", "right"), test("[{id: 1}]", "wrong")], "--filter", "igh")
        #expect(only.code == .done)
        #expect(!only.output.contains("wrong"))
    }

    @Test("knows what checks do: a batch that one holds back is not in the table")
    func checks() async throws {
        let checks = """
            checks: [{range: {column: n, max: 5}}, {not_null: state, severity: warn}, {unique: id},
                {name: late, severity: warn, sql: "select 1 from {{table}} where n > 100"}]
            """
        let test = """
            name: blocked
            \(Self.batches)
            expect:
              items: {rows: [{id: 1, n: 1}, {id: 2, n: 2}]}
              checks: {items: {range(n): failed, not_null(state): failed, unique(id): passed, late: passed}}
            """
        let load = "{mode: merge, key: id, newest_by: at}"
        let call = try await run(Self.pipeline(load, checks: checks), [test])
        #expect(call.code == .done, "\(call.output)\(call.errors)")
        let wrong = try await run(
            Self.pipeline(load, checks: checks),
            [test.replacing("late: passed", with: "late: failed")])
        #expect(wrong.code == .failed)
        #expect(wrong.output.contains("check late of items passed, and should fail"))
    }

    @Test("takes out the rows that a check sets aside, and knows what was published before a batch")
    func quarantine() async throws {
        let checks = """
            checks: [{range: {column: n, max: 5}, severity: quarantine},
                {name: two, severity: quarantine, sql: "select id from {{table}} where n = 2"},
                {name: whole, severity: quarantine, sql: "select * from {{table}} where n < 0"},
                {name: new, severity: warn, scope: batch, sql: "select id from {{table}} where id in (select id from {{items}})"}]
            """
        let both = """
            name: both
            \(Self.batches)
            expect:
              items: {rows: [{id: 1, n: 1}, {id: 2, n: 3}]}
              rejects: {items: [{column: n, reason: out_of_range}, {reason: constraint}]}
              checks: {items: {range(n): failed, two: failed, whole: passed, new: passed}}
            """
        let again = """
            name: again
            batches:
              - items: [{rows: [{id: 1, n: 1, at: "2020-01-02 00:00:00"}]}]
              - items: [{rows: [{id: 1, n: 3, at: "2020-01-03 00:00:00"}]}]
            expect:
              items: {rows: [{id: 1, n: 3}]}
              rejects: {items: []}
              checks: {items: {range(n): passed, new: failed}}
            """
        let load = "{mode: merge, key: id, newest_by: at}"
        let call = try await run(Self.pipeline(load, checks: checks), [both, again])
        #expect(call.code == .done, "\(call.output)\(call.errors)")
    }

    @Test("names the model that the engine cannot run, and goes on with the rest")
    func strangeModel() async throws {
        let models = """
            models:
              odd: {sql: "select no_such_function(id) as id from {{items}}"}
              after: {sql: "select id from {{odd}}"}
              fine: {sql: "select count(*) as n from {{items}}"}
            """
        let test = """
            name: odd
            \(Self.batches)
            expect: {models: {odd: {rows: []}, after: {rows: []}, fine: {rows: [{n: 5}]}}}
            """
        let call = try await run(Self.pipeline("append", models: models), [test])
        #expect(call.code == .failed)
        #expect(
            call.output.contains("the SQL of model odd cannot be run by the engine"),
            "\(call.output)")
        #expect(call.output.contains("    - n: 5\n    + n: 4\n"))
    }

    @Test(
        "has its mistakes named before anything runs",
        arguments: [
            ("nmae: x\nexpect: {}", "name"),
            ("name: x\ngiven: {itms: []}\nexpect: {items: {rows: []}}", "items"),
            (
                "name: x\ngiven: {items: [{file: tests/a.csv}]}\nexpect: {items: {rows: []}}",
                "tests/a.csv"
            ),
            (
                "name: x\ngiven: {items: []}\nexpect: {items: {rows: [{idd: 1}]}}",
                "did you mean `id`"
            ),
            (
                "name: x\ngiven: {items: []}\nexpect: {checks: {items: {unique(id): passed}}}",
                "unique(id)"
            ),
        ])
    func mistakes(text: String, word: String) async throws {
        let call = try await run(Self.pipeline("append"), [text])
        #expect(call.code == .usage)
        #expect(call.errors.contains(word), "\(call.errors)")
        #expect(call.errors.contains("tests/0.yaml"))
    }

    @Test(
        "is passed by the pipelines that come with Millrace",
        arguments: ["goodreads", "goodreads-api", "open-library"])
    func shipped(name: String) async throws {
        let call = try await VerbCall(
            millrace.Test(), ["\(TestData.packageRoot)/compose/pipelines/\(name)"])
        #expect(call.code == .done, "\(call.output)\(call.errors)")
    }

    @Test("holds for both ways to GoodReads: from files and over HTTP they have the same models")
    func models() throws {
        let folder = "\(TestData.packageRoot)/compose/pipelines"
        let files = try FileManager.default.contentsOfDirectory(
            atPath: "\(folder)/goodreads/models")
        #expect(!files.isEmpty)
        for file in files {
            #expect(
                FileManager.default.contentsEqual(
                    atPath: "\(folder)/goodreads/models/\(file)",
                    andPath: "\(folder)/goodreads-api/models/\(file)"), "\(file)")
        }
    }
}
