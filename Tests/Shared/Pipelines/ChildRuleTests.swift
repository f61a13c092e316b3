import Pipelines
import Testing

@Suite("Children of a dataset")
struct ChildRuleTests {
    private func text(
        _ children: String, load: String = "{mode: merge, key: book_id, newest_by: seen_at}",
        more: String = "format: jsonl", models: String = ""
    ) -> String {
        yaml(load: load, dataset: "\(more)\n    children: \(children)", models: models)
    }

    @Test("are read with their columns, and survive the way through the lake")
    func right() throws {
        let children = """
            {authors: {path: meta.authors, columns: {name: text required, ssn: {type: text, personal: drop}}}, \
            tags: {value: {tag: {type: text, map: {h: hard}, else: keep}}}}
            """
        let models = """
            models:
              names:
                sql: select name from {{books_authors}} union select tag from {{books_tags}}
            """
        let (pipeline, report) = try lint(text(children, models: models))
        #expect(report.diagnostics.isEmpty, "\(report.text(colour: false))")
        let read = try PipelineJSON.decode(try PipelineJSON.encode(try #require(pipeline)))
        let dataset = try #require(read.datasets.first)
        #expect(dataset.childTables.map(\.path) == ["meta.authors", "tags"])
        #expect(dataset.childTables.map(\.isPlain) == [false, true])
        #expect(dataset.childTables[0].columns.map(\.name) == ["name"])
        #expect(dataset.childTables[0].dropped == ["ssn"] && dataset.isPersonal)
        #expect(
            dataset.tablesOfChildren.map { $0.columns.map(\.name) }
                == [["book_id", "_position", "name"], ["book_id", "_position", "tag"]])
        #expect(read.models.first?.dependsOn == ["books_authors", "books_tags"])
        #expect(read.owner(of: "books_tags")?.name == "books")
    }

    @Test("of records without a key are linked by the record's number")
    func keyless() throws {
        let dataset = try #require(
            try lint(text("{tags: {value: {tag: text}}}", load: "append")).pipeline?.datasets.first)
        #expect(dataset.numbersRecords)
        #expect(dataset.tablesOfChildren[0].load.key == ["_source_id", "_record", "_position"])
    }

    @Test(
        "are refused where they make no sense, with the fix",
        arguments: [
            ("{tags: {value: {tag: text}}}", "scd2", "", "keeps every version"),
            ("{tags: {value: {tag: text}}}", "", "contract: evolve", "takes new columns"),
            (
                "{tags: {value: {tag: text}}}", "", "contract: {changed_types: discard_value}",
                "`changed_types: discard_value` is not for"
            ),
            ("{tags: {value: {tag: text}}}", "", "format: csv", "are for JSON"),
            ("{tags: {value: {a: text, b: text}}}", "", "", "has one column"),
            ("{tags: {value: {a: text}, columns: {a: text}}}", "", "", "`columns` and a `value`"),
            ("{tags: {}}", "", "", "key `columns` is missing"),
            ("{tags: {columns: {book_id: text}}}", "", "", "has the key `book_id`"),
            ("{a: {columns: {x: {type: text, field: f}, f: text}}}", "", "", "reads the field `f`"),
            ("{a: {path: x..y, value: {v: text}}}", "", "", "is no path"),
            ("{a: {value: {v: text}}, b: {path: a, value: {v: text}}}", "", "", "is the array of"),
            (
                "{a: {value: {v: text}}, b: {path: a.c, value: {v: text}}}", "", "",
                "is the array of"
            ),
            ("{a: {value: {v: {type: text, personal: drop}}}}", "", "", "drops all"),
            ("{\(String(repeating: "a", count: 36)): {value: {v: text}}}", "", "", "42 bytes"),
            ("{tags: {value: {tag: text}, checks: []}}", "", "", "unknown key `checks`"),
        ])
    func wrong(children: String, mode: String, more: String, message: String) throws {
        let load = "{mode: \(mode.isEmpty ? "merge" : mode), key: book_id, newest_by: seen_at}"
        let format = more.hasPrefix("format") ? more : "format: jsonl\n    \(more)"
        let report = try lint(text(children, load: load, more: format)).report
        #expect(
            report.diagnostics.contains { $0.message.contains(message) },
            "\(report.text(colour: false))")
        #expect(report.errors > 0)
    }

    @Test("have tables whose names nothing else has")
    func names() throws {
        let models = "models:\n  books_tags:\n    sql: select 1 from {{books}}"
        let report = try lint(text("{tags: {value: {tag: text}}}", models: models)).report
        #expect(report.diagnostics.map(\.code) == [.usedName], "\(report.text(colour: false))")
    }
}
