import Engine
import Foundation
import Kit
import Pipelines
import Testing

@Suite("A JSON document", .enabled(if: Bench.isReady, "MILLRACE_DUCKDB names no duckdb"))
struct JSONDocumentTests {
    static let dataset = Dataset.of(
        [.of("a", .integer), .of("t", .text)], format: .json(JSONFormat()))

    static func dataset(records path: String...) -> Dataset {
        var dataset = dataset
        dataset.format = .json(JSONFormat(path: path))
        return dataset
    }

    @Test(
        "gives its records, whatever form it has",
        arguments: [
            #"[{"a":1,"t":"x"},{"a":2}]"#,
            "\u{FEFF} [\n  {\"a\" : 1, \"t\":\"x\"}\n,\n{\"a\":2}\n]\n",
            #"{"a":1,"t":"x"}{"a":2}"#, "{\n\"a\":1,\n\"t\":\"x\"}\n\n{\"a\":2}",
            "{\"a\":1,\"t\":\"x\"}\n{\"a\":2}\n", #"[{"a":1,"t":"x"}] [] {"a":2}"#,
        ])
    func forms(text: String) async throws {
        try await Bench.with { bench in
            for dataset in [Self.dataset, Dataset.of(Self.dataset.columns)] {
                let outcome = try await bench.run(dataset, [("a.json", text)])
                #expect(outcome.rows == [#"{"a":1,"t":"x"}"#, #"{"a":2,"t":null}"#])
                #expect(outcome.counts == "2/0/0/0")
            }
        }
    }

    @Test("of no records has none", arguments: ["[]", " [ ]\n", #"{"data":{"items":[]}}"#])
    func noRecords(text: String) async throws {
        let dataset =
            text.contains("items") ? Self.dataset(records: "data", "items") : Self.dataset
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, [("a.json", text)])
            #expect(outcome.report == TransformReport(objects: [ObjectReport()]))
        }
    }

    @Test("is looked through for the records")
    func path() async throws {
        let text = #"""
            {"page": 1, "data": {"meta": {"items": 3}, "items": [
              {"a": 1},
              {"a": "x"}
            ], "more": [[]]}, "z": null}
            {"data": {"items": {"a": 2}}}
            {"data": {"itmes": []}}
            {"data": {"items": [{"a": 3}]}}
            """#
        try await Bench.with { bench in
            let outcome = try await bench.run(
                Self.dataset(records: "data", "items"), [("a.json", text)])
            #expect(outcome.counts == "5/0/0/2")
            #expect(
                CSVTests.places(outcome.rejects)
                    == ["0:3:a:bad_value", "0:6:data.items:missing_column"])
            #expect(outcome.rejects.first?.raw == #"{"a": "x"}"#)
            #expect(outcome.rejects.last?.message == "`data` has no `items`; it has `itmes`")
            #expect(outcome.rejects.last?.raw == #"{"data": {"itmes": []}}"#)
        }
    }

    @Test(
        "is refused as a whole when the records are not in it",
        arguments: [
            (
                #"{"error":"quota","status":200}"#,
                "the document has no `data`; it has `error`, `status`"
            ),
            (#"{"data":null}"#, "`items` is looked for in an object, and `data` is null"),
            (#"{"data":{}}"#, "`data` has no `items`; it has nothing"),
            (
                #"{"data":{"items":"x"}}"#,
                "`data.items` is a text (line 1, byte 18); expected an array of objects"
            ),
            (#"[{"a":1}]"#, "`data` is looked for in an object, and the document is an array"),
            ("null", "`data` is looked for in an object, and the document is null"),
            ("", "the object is empty"),
            (" \n", "the object is empty"),
        ])
    func missing(text: String, words: String) async throws {
        try await Bench.with { bench in
            let outcome = try await bench.run(
                Self.dataset(records: "data", "items"), [("a.json", text)])
            #expect(outcome.counts == "1/0/0/1")
            #expect(outcome.rejects.first?.line == nil)
            #expect(outcome.report.objects[0].refusal?.contains(words) == true)
        }
    }

    @Test(
        "loses the record that is wrong, and no other",
        arguments: [
            ("{\"a\":NaN}", "malformed", "not JSON: a value is expected (line 3, byte 6)"),
            ("{\"a\":1,}", "malformed", "not JSON: a name in quotes is expected (line 3, byte 8)"),
            ("{\"a\":1 \"t\":[{]}}", "malformed", "not JSON"),
            ("{\"a\":1,\"a\":1}", "malformed", "the record has `a` twice"),
            ("7", "malformed", "is a number"),
            ("{\"b\":1}", "unknown_column", "add a column"), ("[]", "malformed", "is an array"),
            ("{\"t\":\"\\ud800\"}", "bad_value", "surrogate"),
            ("{\"a\":1.5}", "bad_value", "whole number"),
        ])
    func oneFault(record: String, reason: String, words: String) async throws {
        let text = "[{\"a\":1},\n {\"a\":2},\n\(record),\n{\"a\":4}]"
        var dataset = Self.dataset
        dataset.contract.newColumns = .discardRow
        try await Bench.with { [dataset] bench in
            let outcome = try await bench.run(dataset, [("a.json", text)])
            let isLost = record.contains("[{]")
            #expect(outcome.counts == (isLost ? "3/0/0/1" : "4/0/0/1"))
            #expect(outcome.rejects.map(\.line) == [3])
            #expect(outcome.rejects.map(\.reason) == [reason])
            #expect(outcome.rejects.first?.message.contains(words) == true)
            #expect(isLost || outcome.rejects.first?.raw == record)
        }
    }

    @Test(
        "keeps what stands before a fault that nobody can get behind",
        arguments: [
            ("[{\"a\":1},\n{\"a\":2", 2, "{\"a\":2", "line 2, byte 7"),
            ("[{\"a\":1},\n]", 2, "]", "line 2, byte 1"),
            ("[{\"a\":1}\n{\"a\":2}]", 2, "{\"a\":2}]", "byte 1"),
            ("[{\"a\":1}]\nx", 2, "x", "line 2"),
            ("[{\"a\":1},\n\n {\"t\":\"x\n\"}]", 3, "{\"t\":\"x\n\"}]", "line 3"),
            ("{\"a\":1}\n}", 2, "}", "line 2"), ("[{\"a\":1},", 1, "", "line 1, byte 10"),
        ])
    func lastFault(text: String, line: Int, raw: String, place: String) async throws {
        try await Bench.with { bench in
            let outcome = try await bench.run(Self.dataset, [("a.json", text)])
            #expect(outcome.counts == "2/0/0/1")
            #expect(outcome.rejects.map(\.line) == [line])
            #expect(outcome.rejects.first?.raw == raw)
            #expect(outcome.rejects.first?.message.contains(place) == true)
            #expect(
                outcome.rejects.first?.message.hasSuffix("nothing behind it can be read") == true)
        }
    }

    @Test("that cannot be UTF-8 loses the records that are not")
    func utf8() async throws {
        let bytes = Data("[{\"t\":\"".utf8) + [0xFF] + Data("\"},{\"t\":\"ü\"}]".utf8)
        try await Bench.with { bench in
            let outcome = try await bench.run(Self.dataset, files: [("a.json", bytes)])
            #expect(outcome.rejects.map(\.reason) == ["invalid_utf8"])
            #expect(outcome.rows == [#"{"a":null,"t":"ü"}"#])
        }
    }

    @Test("of a hundred thousand records is read in order, with their lines")
    func large() async throws {
        let records = (1...100_000).map { "{\"a\":\($0),\"t\":\"]}\\\"\"}" }
        let text = "[" + records.joined(separator: ",\n") + "]"
        try await Bench.with { bench in
            let outcome = try await bench.run(Self.dataset, [("a.json", text)])
            #expect(outcome.counts == "100000/0/0/0")
            let path = try #require(outcome.processed)
            let odd = "SELECT count(*) FROM read_parquet('\(path)') WHERE a <> _line"
            #expect(try await bench.query(odd) == "0\n")
        }
    }

    @Test("deeper than anybody needs is a reject")
    func deep() async throws {
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        try await Bench.with { bench in
            let outcome = try await bench.run(
                Self.dataset, [("a.json", "[{\"t\":\(deep)},{\"a\":1}]")])
            #expect(outcome.rejects.map(\.reason) == ["malformed"])
            #expect(outcome.rows == [#"{"a":1,"t":null}"#])
        }
    }
}
