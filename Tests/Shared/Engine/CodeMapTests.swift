import Engine
import Foundation
import Kit
import Pipelines
import Testing

@Suite("A column of codes", .enabled(if: Bench.isReady, "MILLRACE_DUCKDB names no duckdb"))
struct CodeMapTests {
    private static func dataset(_ type: ColumnType, _ map: CodeMap) -> Dataset {
        var column = Column.of("v", type)
        column.map = map
        return .of([column])
    }

    @Test(
        "has a way with what is no code",
        arguments: [
            (
                CodeMap.Others.reject, ["male", "it's"],
                ["0:4:v:not_accepted", "0:6:v:not_accepted"]
            ),
            (.keep, ["male", "it's", " x ", "male "], []), (.null, ["male", "it's"], []),
        ])
    func others(others: CodeMap.Others, values: [String], places: [String]) async throws {
        let dataset = Self.dataset(
            .text, CodeMap(values: ["m": "male", "'": "it's"], others: others))
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, [("a.csv", "v\n m\n'\n x \n\"\"\nmale \n")])
            #expect(CSVTests.places(outcome.rejects) == places)
            let found = try outcome.rows.compactMap {
                try JSONDecoder().decode([String: String?].self, from: Data($0.utf8))["v"] ?? nil
            }
            #expect(found == values)
            if others == .reject {
                #expect(
                    outcome.rejects.first?.message == "`v` is ` x `; it must be one of `'`, `m`")
            }
        }
    }

    @Test("gives values of its type, and what is kept is cast")
    func types() async throws {
        let dataset = Self.dataset(
            .integer, CodeMap(values: ["one": "1", "-": "0"], others: .keep))
        try await Bench.with { bench in
            let outcome = try await bench.run(
                dataset,
                [("a.csv", "v\none\n2\n-\nx\n"), ("b.jsonl", "{\"v\":\"one\"}\n{\"v\":null}")])
            #expect(
                outcome.rows == [
                    #"{"v":1}"#, #"{"v":2}"#, #"{"v":0}"#, #"{"v":1}"#, #"{"v":null}"#,
                ])
            #expect(CSVTests.places(outcome.rejects) == ["0:5:v:bad_value"])
        }
    }

    @Test("must be accepted as what it stands for")
    func accepted() async throws {
        var dataset = Self.dataset(.text, CodeMap(values: ["m": "male", "x": "other"]))
        dataset.columns[0].accepted = ["male"]
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, [("a.csv", "v\nm\nx\n")])
            #expect(outcome.rows == [#"{"v":"male"}"#])
            #expect(outcome.rejects.first?.message == "`v` is `x`; it must be one of `male`")
        }
    }
}
