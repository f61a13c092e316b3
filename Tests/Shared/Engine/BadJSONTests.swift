import Engine
import Events
import Foundation
import Kit
import Pipelines
import Testing

/// The rows of `## JSON` in compose/pipelines/BAD-INPUT.md that no other suite tries.
@Suite("Bad JSON", .enabled(if: Bench.isReady, "MILLRACE_DUCKDB names no duckdb"))
struct BadJSONTests {
    /// The same record is tried as a line, in an array and as a document.
    static func run(
        _ columns: [Column], _ record: String, contract: Contract = Contract()
    ) async throws -> [Bench.Outcome] {
        try await Bench.with { bench in
            var outcomes: [Bench.Outcome] = []
            for (name, text) in [
                ("a.jsonl", record), ("a.json", "[\(record)]"), ("b.json", record),
            ] {
                outcomes.append(
                    try await bench.run(.of(columns, contract: contract), [(name, text)]))
            }
            return outcomes
        }
    }

    private static let big =
        "115792089237316195423570985008687907853269984665640564039457584007913129639935"

    @Test(
        "has numbers that are kept as they are written, or are rejects",
        arguments: [
            (ColumnType.text, big, #""\#(big)""#), (.json, big, #""\#(big)""#), (.bigint, big, nil),
            (.decimal, big, nil), (.bigint, "9007199254740993", "9007199254740993"),
            (.bigint, "\"9007199254740993\"", "9007199254740993"), (.text, "1.10", "\"1.10\""),
            (.json, "1e400", "\"1e400\""), (.double, "1e400", nil),
            (.decimal, "-0.0", "0.000000000"),
            (.integer, "1.0", "1"), (.integer, "true", nil), (.boolean, "1", "true"),
            (.boolean, "\"\"", "null"),
            (.text, "[1,\"x\"]", #""[1,\"x\"]""#), (.integer, "[1]", nil), (.integer, "{}", nil),
            (.json, "[]", "\"[]\""),
            (.json, "[1,\"x\",{},null]", #""[1,\"x\",{},null]""#),
            (.timestamptz, "1582148296", nil),
        ] as [(ColumnType, String, String?)])
    func values(type: ColumnType, value: String, kept: String?) async throws {
        for outcome in try await Self.run([.of("v", type)], "{\"v\":\(value)}") {
            #expect(outcome.rows == (kept.map { ["{\"v\":\($0)}"] } ?? []))
            #expect(outcome.rejects.map(\.reason) == (kept == nil ? ["bad_value"] : []))
        }
    }

    @Test(
        "has keys of any kind, each of which is only itself",
        arguments: [
            "ID", "i d", "", "__proto__", "select", "नाम", "カナ", "a.b", "$x", "\\\"", "\\n",
            "'); DROP TABLE x; --",
            String(repeating: "k", count: 300),
        ])
    func keys(key: String) async throws {
        let field = key.replacing("\\\"", with: "\"").replacing("\\n", with: "\n")
        let columns: [Column] = [.of("id", .integer), Column(name: "v", field: field, type: .text)]
        for outcome in try await Self.run(columns, "{\"id\":1,\"\(key)\":\"x\"}") {
            #expect(outcome.rows == [#"{"id":1,"v":"x"}"#])
        }
        for outcome in try await Self.run([.of("id", .integer)], "{\"id\":1,\"\(key)\":\"x\"}") {
            #expect(outcome.rejects.map(\.reason) == ["unknown_column"])
            #expect(outcome.rejects.first?.column == field)
        }
        for outcome in try await Self.run(
            [.of("id", .integer)], "{\"id\":1,\"\(key)\":\"x\"}",
            contract: Contract(newColumns: .discardValue))
        {
            #expect(outcome.rows == [#"{"id":1}"#])
        }
    }

    @Test("has one field with a value of each kind, and each record is judged alone")
    func mixed() async throws {
        let lines = ["1", "\"x\"", "{\"a\":1}", "[1]", "[]", "null", "true"].map { "{\"v\":\($0)}" }
        let text = lines.joined(separator: "\n")
        try await Bench.with { bench in
            let numbers = try await bench.run(.of([.of("v", .integer)]), [("a.jsonl", text)])
            #expect(numbers.rows == [#"{"v":1}"#, #"{"v":null}"#])
            #expect(numbers.rejects.map(\.line) == [2, 3, 4, 5, 7])
            let json = try await bench.run(.of([.of("v", .json)]), [("a.jsonl", text)])
            #expect(json.counts == "7/0/0/0")
        }
    }

    @Test("with a text of 64 kB and more is read")
    func longText() async throws {
        let text = String(repeating: "ü", count: 1 << 20)
        for outcome in try await Self.run([.of("v", .text)], "{\"v\":\"\(text)\"}") {
            #expect(outcome.counts == "1/0/0/0")
        }
    }

    @Test("with a record that is too long loses that record")
    func tooLong() async throws {
        let long = String(repeating: "x", count: 17 << 20)
        try await Bench.with { bench in
            let records = ["{\"v\":\"a\"}", "{\"v\":\"\(long)\"}", "{\"v\":\"b\"}"]
            for (name, text) in [
                ("a.jsonl", records.joined(separator: "\n")),
                ("a.json", "[\(records.joined(separator: ",\n"))]"),
            ] {
                let outcome = try await bench.run(.of([.of("v", .text)]), [(name, text)])
                #expect(outcome.rows == [#"{"v":"a"}"#, #"{"v":"b"}"#])
                #expect(CSVTests.places(outcome.rejects) == ["0:2:-:too_long"])
            }
        }
    }
}
