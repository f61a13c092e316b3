import Engine
import Events
import Foundation
import Kit
import Pipelines
import Testing

@Suite(
    "An array that becomes a table", .enabled(if: Bench.isReady, "MILLRACE_DUCKDB names no duckdb"),
    .timeLimit(.minutes(5)))
struct ChildTests {
    private static func dataset(
        _ children: Child..., columns: [Column] = [.of("id", .integer)], key: [String] = [],
        newestBy: String? = nil, contract: Contract = Contract(), transform: String? = nil
    ) -> Dataset {
        var dataset = Dataset.of(
            columns, key: key, newestBy: newestBy, contract: contract, transform: transform)
        dataset.children = children
        return dataset
    }

    private static let items = Child(
        name: "items", path: "order.items",
        columns: [
            .of("sku", .text, isRequired: true),
            Column(name: "price", field: "price", type: .decimal, minimum: "0"),
            .of("more", .json), Column(name: "at", field: "at", type: .date, formats: ["%d/%m/%Y"]),
        ], isPlain: false)
    private static let tags = Child(
        name: "tags", path: "tags",
        columns: [
            Column(
                name: "tag", field: "tag", type: .text, nulls: ["-"],
                map: CodeMap(values: ["h": "hard"], others: .keep))
        ], isPlain: true)

    @Test(
        "has each element with its record, typed by the rules of columns", arguments: [true, false])
    func elements(hasTransform: Bool) async throws {
        let dataset = Self.dataset(
            Self.items, Self.tags, key: ["id"],
            transform: hasTransform ? "SELECT * FROM {{input}}" : nil)
        let lines = #"""
            {"id":1,"order":{"items":[{"sku":"a\"\u00e9\n","price":0.123456789e1,"more":{"n" : 1.10,"t":"\\x"}},
            """# + #"""
                {"price":"12345678901234567890123456789.123456789","sku":"b","at":"29/02/2020","more":"x"}]},"tags":["h",null,"-",4.10]}
                {"id":2,"order":null}
                {"id":3,"order":{"items":[]},"tags":null}
                """#
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, [("a.jsonl", lines)])
            #expect(
                outcome.rows == [
                    #"{"id":1,"_child_items":[{"sku":"a\"é\n","price":1.234567890,"#
                        + #""more":"{\"n\" : 1.10,\"t\":\"\\\\x\"}","at":null},"#
                        + #"{"sku":"b","price":12345678901234567890123456789.123456789,"#
                        + #""more":"\"x\"","at":"2020-02-29"}],"_child_tags":[{"tag":"hard"},"#
                        + #"{"tag":null},{"tag":null},{"tag":"4.10"}]}"#,
                    #"{"id":2,"_child_items":[],"_child_tags":[]}"#,
                    #"{"id":3,"_child_items":[],"_child_tags":[]}"#,
                ])
            #expect(
                outcome.report.objects[0].children == [
                    "items": Counts(read: 2), "tags": Counts(read: 4),
                ])
        }
    }

    @Test("rejects its record for an element that breaks its column, and says which value")
    func rejects() async throws {
        let dataset = Self.dataset(Self.items, Self.tags)
        let bad: [(String, String)] = [
            (#"[{"sku":"a","price":"x"}]"#, "order.items[].price:bad_value"),
            (#"[{"sku":"a"},{"sku":null}]"#, "order.items[].sku:missing_value"),
            (#"[{"sku":"a","price":-1}]"#, "order.items[].price:out_of_range"),
            (#"[{"sku":"a\u0000"}]"#, "order.items[].sku:nul_byte"),
            (#"[{"sku":"\ud800"}]"#, "order.items[].sku:bad_value"),
            (#"[{"sku":"a","sku":"b"}]"#, "order.items[].sku:malformed"),
            (#"[{"sku":"a"},7]"#, "order.items[]:bad_value"),
            (#"[null]"#, "order.items[]:bad_value"),
            (#""some""#, "order.items:bad_value"),
            (#"{"sku":"a"}"#, "order.items:bad_value"),
        ]
        let lines = bad.enumerated().map {
            #"{"id":\#($0),"order":{"items":\#($1.0)},"tags":["t"]}"#
        }
        let good = #"{"id":99,"order":{"items":[{"sku":"a"}]}}"#
        try await Bench.with { bench in
            let outcome = try await bench.run(
                dataset, [("a.jsonl", (lines + [good]).joined(separator: "\n"))])
            #expect(outcome.rows.count == 1)
            let found = outcome.rejects.sorted { $0.line ?? 0 < $1.line ?? 0 }
            #expect(found.map { "\($0.column ?? "-"):\($0.reason)" } == bad.map(\.1))
            try #require(found.count == lines.count)
            #expect(found.map(\.raw) == lines)
            #expect(
                found[0].message
                    == "`order.items[].price` is `x`; expected a number of at most 29 digits "
                    + "before the point and 9 behind it")
            #expect(
                found[6].message == "`order.items`, element 2: it is a number; expected an object")
            // Of records that could be read.
            #expect(
                outcome.report.objects[0].children["items"] == Counts(read: 5, rejected: 4))
        }
    }

    @Test("shares the fate of its record: filtered, superseded, numbered where there is no key")
    func fates() async throws {
        func line(_ id: Int, _ version: Int, _ count: Int) -> String {
            let tags = Array(repeating: "\"v\(version)\"", count: count).joined(separator: ",")
            return #"{"id":\#(id),"version":\#(version),"tags":[\#(tags)]}"#
        }
        let columns: [Column] = [.of("id", .integer), .of("version", .integer)]
        let text = [line(1, 1, 3), line(2, 1, 5), line(1, 2, 1), line(3, 1, 7)].joined(
            separator: "\n")
        try await Bench.with { bench in
            let merged = try await bench.run(
                Self.dataset(
                    Self.tags, columns: columns, key: ["id"], newestBy: "version",
                    transform: "SELECT * FROM {{input}} WHERE id <> 3"),
                [("a.jsonl", text)])
            #expect(
                merged.report.objects[0].children["tags"]
                    == Counts(read: 16, superseded: 3, filtered: 7))
            #expect(merged.rows.last == #"{"id":1,"version":2,"_child_tags":[{"tag":"v2"}]}"#)
            // On one line, where lines say nothing of records.
            let array = "[" + text.split(separator: "\n").joined(separator: ",") + "]"
            let appended = try await bench.run(
                Self.dataset(Self.tags, columns: columns), [("a.json", array)])
            #expect(appended.rows.map { $0.contains("\"_record\":") } == [true, true, true, true])
            #expect(appended.rows.first?.hasSuffix(#""_record":1}"#) == true)
            #expect(appended.rows.last?.hasSuffix(#""_record":4}"#) == true)
        }
    }

    @Test(
        "keeps the dataset's contract for fields that no column takes",
        arguments: [Contract.NewColumns.freeze, .discardValue, .discardRow])
    func strangers(newColumns: Contract.NewColumns) async throws {
        let dataset = Self.dataset(Self.items, contract: Contract(newColumns: newColumns))
        let lines = #"""
            {"id":1,"order":{"items":[{"sku":"a"},{"sku":"b","skuu":"x"}]}}
            {"id":2,"order":{"items":[{"sku":"a"}]}}
            {"id":3,"order":{"items":[{"sku":"a","skuu":1}]}}
            """#
        try await Bench.with { bench in
            let outcome = try await bench.run(dataset, [("a.jsonl", lines)])
            switch newColumns {
            case .freeze:
                #expect(outcome.report.objects[0].refusal?.contains("`order.items[].skuu`") == true)
            case .discardValue:
                #expect(outcome.rows.count == 3)
                #expect(
                    outcome.report.objects[0].notes.first?.contains("order.items[].skuu") == true)
            default:
                #expect(outcome.rejects.compactMap(\.line).sorted() == [1, 3])
                #expect(outcome.rejects.allSatisfy { $0.column == "order.items[].skuu" })
            }
        }
    }

    @Test("refuses an object whose values are not of their types under freeze")
    func frozenTypes() async throws {
        let dataset = Self.dataset(Self.items, contract: Contract(changedTypes: .freeze))
        try await Bench.with { bench in
            let outcome = try await bench.run(
                dataset, [("a.jsonl", #"{"id":1,"order":{"items":[{"sku":"a","at":"today"}]}}"#)])
            #expect(
                outcome.report.objects[0].refusal?
                    .hasPrefix("`order.items[].at` is no date in 1 record, like `today`") == true)
        }
    }

    @Test("hides personal data of elements, and keeps it out of rejects")
    func personal() async throws {
        let child = Child(
            name: "people", path: "people",
            columns: [
                Column(name: "phone", field: "phone", type: .text, personal: .last4),
                .of("age", .integer),
            ], isPlain: false, dropped: ["ssn"])
        let lines = #"""
            {"id":1,"people":[{"phone":"555-123456","age":3,"ssn":"078-05"}]}
            {"id":2,"people":[{"phone":"555-123456","age":"secret"}]}
            """#
        try await Bench.with { bench in
            let outcome = try await bench.run(
                Self.dataset(child, key: ["id"]), [("a.jsonl", lines)])
            #expect(outcome.rows == [#"{"id":1,"_child_people":[{"phone":"***3456","age":3}]}"#])
            let reject = try #require(outcome.rejects.first)
            #expect(reject.column == "people[].age" && !"\(reject)".contains("secret"))
            #expect(!"\(reject)".contains("555"))
        }
    }

    @Test("is not looked for in what is no JSON")
    func otherFormats() async throws {
        try await Bench.with { bench in
            let outcome = try await bench.run(
                Self.dataset(Self.tags), [("a.csv", "id,tags\n1,x\n")])
            #expect(
                outcome.report.objects[0].refusal?.contains("only JSON brings") == true)
        }
    }

    @Test("may be longer than a program would read at once")
    func long() async throws {
        let dataset = Self.dataset(Self.tags, key: ["id"])
        let tags = (0..<300_000).map { "\"t\($0)\"" }.joined(separator: ",")
        try await Bench.with { bench in
            let outcome = try await bench.run(
                dataset, [("a.jsonl", #"{"id":1,"tags":[\#(tags)]}"#)])
            #expect(outcome.report.objects[0].children["tags"] == Counts(read: 300_000))
        }
    }
}
