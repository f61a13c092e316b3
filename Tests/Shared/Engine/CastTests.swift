import Engine
import Pipelines
import Testing

@Suite("A value", .enabled(if: Bench.isReady, "MILLRACE_DUCKDB names no duckdb"))
struct CastTests {
    /// Values that are taken with what they become, and values that are rejected.
    struct Case: Sendable {
        var column: Column
        var taken: [(String, String)]
        var rejected: [String]
    }

    static let offset = "%a %b %d %H:%M:%S %z %Y"

    static let cases: [Case] = [
        Case(
            column: .of("v", .smallint), taken: [("-32768", "-32768"), ("+7", "7")],
            rejected: ["32768", "1e2", "0x1F", "1_000", "1,000", "٣"]),
        Case(
            column: .of("v", .integer), taken: [("12.0", "12"), (" 12 ", "12"), ("007", "7")],
            rejected: ["12.6", "12.0000001", "2147483648", "", "NaN", "1 2", "-", "."].filter {
                !$0.isEmpty
            }),
        Case(
            column: .of("v", .bigint),
            taken: [
                ("9007199254740993", "9007199254740993"),
                ("9007199254740993.0", "9007199254740993"),
                ("-9223372036854775808", "-9223372036854775808"),
            ], rejected: ["9223372036854775808"]),
        Case(
            column: .of("v", .double),
            taken: [
                ("4.05", "4.05"), ("1e300", "1e300"), (".5", "0.5"), ("5.", "5.0"), ("0e9", "0.0"),
            ],
            rejected: [
                "1e400", "-1e400", "1e-400", "nan", "inf", "Infinity", "1_0.5", "4,05", "0x1p3",
            ]),
        Case(
            column: .of("v", .decimal),
            taken: [
                (
                    "12345678901234567890123456789.123456789",
                    "12345678901234567890123456789.123456789"
                ),
                ("1.1000000000000", "1.100000000"), ("1e-7", "0.000000100"),
                ("1.5E+3", "1500.000000000"),
            ],
            rejected: ["1.1234567891", "123456789012345678901234567890", "1e-10", "1e30", "£1"]),
        Case(
            column: .of("v", .boolean),
            taken: [
                ("True", "true"), ("f", "false"), ("YES", "true"), ("0", "false"), ("n", "false"),
            ],
            rejected: ["2", "on", "truee", "null"]),
        Case(
            column: .of("v", .date), taken: [("2020-02-29", "\"2020-02-29\"")],
            rejected: [
                "2021-02-29", "2020-2-9", "2020/02/19", "0000-01-01", "12345-01-01", "infinity",
                "epoch", "2020-02-19 10:00:00", "20200219",
            ]),
        Case(
            column: .of("v", .timestamp),
            taken: [
                ("2020-02-19T21:38", "\"2020-02-19 21:38:00\""),
                ("2020-02-19 21:38:16.690535000", "\"2020-02-19 21:38:16.690535\""),
                ("2020-02-19", "\"2020-02-19 00:00:00\""),
            ],
            rejected: [
                "2020-02-19 21:38:16+01", "2020-02-19T21:38:16Z", "2020-02-19 21:38:16.6905351",
                "2020-02-19 25:00", "2020-02-19 23:59:60", "1582148296",
            ]),
        Case(
            column: .of("v", .timestamptz),
            taken: [
                ("2020-02-19T21:38:16Z", "\"2020-02-19 21:38:16+00\""),
                ("2020-02-19 21:38:16 -0800", "\"2020-02-20 05:38:16+00\""),
                ("2020-02-19 21:38:16.5+05:30", "\"2020-02-19 16:08:16.5+00\""),
            ], rejected: ["2020-02-19 21:38:16", "2020-02-19", "2020-02-19 21:38:16 Europe/Rome"]),
        Case(
            column: Column(
                name: "v", field: "v", type: .timestamptz, formats: [offset, "%d.%m.%Y"]),
            taken: [("Wed Feb 19 18:36:17 -0800 2020", "\"2020-02-20 02:36:17+00\"")],
            rejected: [
                "Wed Feb 31 18:36:17 -0800 2020", "Wed Feb 19 18:36:17 2020", "epoch", "19.02.2020",
                "Wed Feb 19 18:36:17 -0800 20",
            ]),
        Case(
            column: Column(name: "v", field: "v", type: .date, formats: ["%d.%m.%Y", "%Y%m%d"]),
            taken: [("1.2.2020", "\"2020-02-01\""), ("20200201", "\"2020-02-01\"")],
            rejected: ["31.02.2020", "2020-02-01", "infinity"]),
        Case(
            column: Column(
                name: "v", field: "v", type: .integer, minimum: "0.5", maximum: "5"),
            taken: [("1", "1"), ("5", "5")], rejected: ["0", "6"]),
        Case(
            column: Column(
                name: "v", field: "v", type: .text, nulls: ["", "None", "a.b"],
                collapsesWhitespace: true, accepted: ["x y", "aXb", "Nones"]),
            taken: [
                ("x  y ", "\"x y\""), ("\tx\ty", "\"x y\""), (" None ", "null"), ("  ", "null"),
                ("a.b", "null"),
                ("aXb", "\"aXb\""), ("Nones", "\"Nones\""),
            ], rejected: ["none"]),
        Case(
            column: Column(
                name: "v", field: "v", type: .text, collapsesWhitespace: true, stripsHTML: true),
            taken: [
                ("a<br />b <i class='x'>c</i>", "\"ab c\""), ("x &amp; y&#123;&#x1F;", "\"x y\""),
                ("1 < 2 & 3 > 2", "\"1 < 2 & 3 > 2\""), ("<p>", "\"\""), ("a&b;c", "\"ac\""),
            ], rejected: []),
        Case(
            column: Column(name: "v", field: "v", type: .text, nulls: []),
            taken: [("", "\"\""), ("\\N", "\"\\\\N\""), (" NULL ", "\" NULL \"")], rejected: []),
    ]

    @Test("is taken exactly or not at all, from CSV and JSON lines alike", arguments: cases.indices)
    func exact(index: Int) async throws {
        let test = Self.cases[index]
        let dataset = Dataset.of([.of("n", .integer), test.column])
        let values = test.taken.map(\.0) + test.rejected
        let csv = "n,v\n" + values.enumerated().map { "\($0),\"\($1)\"\n" }.joined()
        let lines = values.enumerated().map { number, value in
            let text = value.replacing("\\", with: "\\\\").replacing("\t", with: "\\t")
            return "{\"n\":\(number),\"v\":\"\(text)\"}\n"
        }.joined()
        try await Bench.with { bench in
            for (name, text) in [("a.csv", csv), ("a.jsonl", lines)] {
                let outcome = try await bench.run(dataset, [(name, text)])
                #expect(
                    outcome.rows
                        == test.taken.enumerated().map { "{\"n\":\($0),\"v\":\($1.1)}" })
                #expect(outcome.rejects.count == test.rejected.count)
                for (reject, value) in zip(outcome.rejects, test.rejected) {
                    #expect(reject.column == "v")
                    #expect(reject.message.contains("`v` is `\(value)`; "), "\(reject.message)")
                }
            }
        }
    }
}
