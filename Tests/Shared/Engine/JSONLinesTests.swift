import Engine
import Foundation
import Kit
import Pipelines
import Testing

@Suite("JSON lines", .enabled(if: Bench.isReady, "MILLRACE_DUCKDB names no duckdb"))
struct JSONLinesTests {
    @Test("give the values that they say, to the last digit")
    func exact() async throws {
        let dataset = Dataset.of([
            .of("i", .bigint), .of("d", .decimal), .of("t", .text), .of("b", .boolean),
            .of("j", .json), .of("f", .double),
        ])
        let lines = #"""
            {"i":9007199254740993,"d":12345678901234567890.123456789,"t":4.10,"b":true,"j":{"a":[1.10,null]},"f":0.1}
            {"t":"","j":"x","d":1e2,"f":"4.05","b":"1"}

            {"t":"\u00e9\ud83d\ude00\n","i":"12","j":null,"d":null}
            {"t":{"b" : 1.0},"j":[],"i":null}
            """#
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, [("a.jsonl", lines)])
            #expect(outcome.counts == "4/0/0/0")
            #expect(
                outcome.rows == [
                    #"{"i":9007199254740993,"d":12345678901234567890.123456789,"t":"4.10","b":true,"j":"{\"a\":[1.10,null]}","f":0.1}"#,
                    #"{"i":null,"d":100.000000000,"t":null,"b":true,"j":"\"x\"","f":4.05}"#,
                    #"{"i":12,"d":null,"t":"é😀\n","b":null,"j":null,"f":null}"#,
                    #"{"i":null,"d":null,"t":"{\"b\" : 1.0}","b":null,"j":"[]","f":null}"#,
                ])
        }
    }

    @Test("reject what is no record of the dataset, line by line")
    func faults() async throws {
        let dataset = Dataset.of(
            [.of("a", .integer, isRequired: true), .of("t", .text)],
            contract: Contract(newColumns: .discardRow))
        let lines = #"""
            {"a":1}
            [1]
            {"a":1

            {"a":1} {"a":2}
            {"a":NaN}
            {"a":1,}
            {"a":1,"x":2}
            {"t":"x"}
            {"a":1,"a":2}
            {"a":1,"t":"\ud800"}
            {"a":1,"t":"\u0000"}
            {"a":12.6}
            null
            {"a":2147483648}
            {"a":{"b":1}}
            """#
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, [("a.json", lines)])
            #expect(outcome.counts == "15/0/0/14")
            #expect(
                CSVTests.places(outcome.rejects) == [
                    "0:2:-:malformed", "0:3:-:malformed", "0:5:-:malformed", "0:6:-:malformed",
                    "0:7:-:malformed", "0:8:x:unknown_column", "0:9:a:missing_value",
                    "0:10:a:malformed", "0:11:t:bad_value", "0:12:t:nul_byte", "0:13:a:bad_value",
                    "0:14:-:malformed", "0:15:a:bad_value", "0:16:a:bad_value",
                ])
            #expect(outcome.rejects.last?.raw == #"{"a":{"b":1}}"#)
            #expect(outcome.rejects[10].message.hasPrefix("`a` is `12.6`; expected a whole number"))
        }
    }

    @Test("may have fields that nobody takes, where the dataset says so")
    func ignored() async throws {
        let dataset = Dataset.of(
            [.of("a", .integer)], contract: Contract(newColumns: .discardValue))
        try await Bench.with { bench in
            let outcome = try await bench.run(
                dataset,
                [("a.ndjson", "\u{FEFF}{\"b\":[{}],\"a\":1,\"\":2}\r\n"), ("b.csv", "b,a\n,2")])
            #expect(outcome.rows == [#"{"a":1}"#, #"{"a":2}"#])
        }
    }

    @Test("are rejected by more than nesting deep")
    func deep() async throws {
        let dataset = Dataset.of([.of("j", .json)])
        let deep = String(repeating: "[", count: 100_000)
        try await Bench.with { bench in
            let outcome = try await bench.run(
                dataset,
                [("a.jsonl", "{\"j\":\(deep)}\n{\"j\":1e99999}\n{\"j\":\"\\u0000\"}\n{\"j\":1}")])
            #expect(outcome.rejects.map(\.reason) == ["malformed", "out_of_range", "nul_byte"])
            #expect(outcome.rows == [#"{"j":"1"}"#])
        }
    }

    @Test("in a CSV cell obey the same rules")
    func cells() async throws {
        let dataset = Dataset.of([.of("j", .json), .of("a", .integer)])
        let text = "j,a\n\"{\"\"a\"\":1}\",1\n{,2\n,3\n\"\"\"x\"\"\",4\nNaN,5\n1,x\n"
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, [("a.csv", text)])
            #expect(
                CSVTests.places(outcome.rejects)
                    == ["0:3:j:bad_value", "0:6:j:bad_value", "0:7:a:bad_value"])
            #expect(
                outcome.rows == [
                    #"{"j":"{\"a\":1}","a":1}"#, #"{"j":null,"a":3}"#, #"{"j":"\"x\"","a":4}"#,
                ])
        }
    }
}
