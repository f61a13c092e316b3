import Engine
import Events
import Foundation
import Kit
import Pipelines
import Testing

@Suite("Nested JSON", .enabled(if: Bench.isReady, "MILLRACE_DUCKDB names no duckdb"))
struct NestedJSONTests {
    private static func dataset(_ columns: [Column], _ nested: Nested?) -> Dataset {
        var dataset = Dataset.of(columns)
        dataset.nested = nested
        return dataset
    }

    private static func column(_ name: String, _ type: ColumnType, of field: String) -> Column {
        Column(name: name, field: field, type: type)
    }

    @Test("goes into a json column as it is written, and its fields stay inside")
    func keep() async throws {
        let dataset = Self.dataset(
            [.of("author", .json), Self.column("n", .text, of: "author.n")], nil)
        try await Bench.with { bench in
            let outcome = try await bench.run(
                dataset, [("a.jsonl", #"{"author":{"n" : 1.10},"author.n":"flat"}"#)])
            #expect(outcome.rows == [#"{"author":"{\"n\" : 1.10}","n":"flat"}"#])
        }
    }

    @Test("can be read by the path to a field")
    func flatten() async throws {
        var dataset = Self.dataset(
            [
                .of("id", .integer), Self.column("name", .text, of: "author.name"),
                Self.column("city", .text, of: "author.home.city"), .of("tags", .json),
                Self.column("home", .json, of: "author.home"),
            ], .flatten)
        dataset.contract.newColumns = .discardRow
        let lines = #"""
            {"id":1,"author":{"name":"x","home":{"city":"\u00e9"}},"tags":[{"a":1}]}
            {"id":2,"author":null}
            {"id":3,"author":{"home":"here"}}
            {"id":4,"author.name":"flat"}
            {"id":5,"author":"x"}
            {"id":6,"author":{"nmae":"x"}}
            {"id":7,"author":{"name":"x","name":"y"}}
            {"id":8,"author":{"name":"x"},"author.name":"y"}
            {"id":9,"author":{},"author":{}}
            """#
        try await Bench.with { [dataset] bench in
            for name in ["a.jsonl", "a.json"] {
                let outcome = try await bench.run(dataset, [(name, lines)])
                #expect(
                    outcome.rows == [
                        #"{"id":1,"name":"x","city":"é","tags":"[{\"a\":1}]","home":"{\"city\":\"\\u00e9\"}"}"#,
                        #"{"id":2,"name":null,"city":null,"tags":null,"home":null}"#,
                        #"{"id":3,"name":null,"city":null,"tags":null,"home":"\"here\""}"#,
                        #"{"id":4,"name":"flat","city":null,"tags":null,"home":null}"#,
                    ])
                #expect(
                    CSVTests.places(outcome.rejects) == [
                        "0:5:author:bad_value", "0:6:author.nmae:unknown_column",
                        "0:7:author.name:malformed", "0:8:author.name:malformed",
                        "0:9:author:malformed",
                    ])
                #expect(
                    outcome.rejects.first?.message
                        == "`author` is a text; expected an object with the fields in it")
            }
        }
    }

    @Test("gives each field in it a column where the table evolves, and lists stay as they are")
    func evolve() async throws {
        var dataset = Self.dataset([.of("id", .integer)], .flatten)
        dataset.contract.newColumns = .evolve
        let lines = #"""
            {"id":1,"author":{"name":"x","home":{"postCode":7}},"tags":[{"a":1}]}
            {"id":2,"author":null,"other":{}}
            {"id":3,"author":{"name":"y","name":"z"}}
            """#
        try await Bench.with { [dataset] bench in
            let outcome = try await bench.run(dataset, [("a.jsonl", lines)])
            #expect(
                outcome.report.evolved.map { "\($0.name) \($0.field)" } == [
                    "author_name author.name", "author_home_post_code author.home.postCode",
                    "tags tags",
                ])
            #expect(
                outcome.rows.first?.contains(#""author_name":"x","author_home_post_code":"7""#)
                    == true)
            #expect(outcome.counts == "3/0/0/1")
        }
    }
}
