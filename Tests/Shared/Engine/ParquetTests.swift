import Engine
import Events
import Foundation
import Kit
import Pipelines
import Processes
import Testing

@Suite("A Parquet object", .enabled(if: Bench.isReady, "MILLRACE_DUCKDB names no duckdb"))
struct ParquetTests {
    /// A file that DuckDB writes of a SELECT.
    static func file(_ bench: Bench, _ select: String, _ options: String = "") async throws -> Data
    {
        let path = "\(bench.folder)/\(UUID().uuidString).parquet"
        _ = try await bench.query("COPY (\(select)) TO '\(path)' (FORMAT parquet\(options))")
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }

    @Test("gives its values to the last digit, whatever the order and case of its columns")
    func exact() async throws {
        let dataset = Dataset.of([
            .of("i", .bigint, isRequired: true), .of("d", .decimal), .of("t", .text),
            .of("b", .boolean),
            .of("day", .date), .of("at", .timestamp), .of("moment", .timestamptz),
            .of("f", .double),
            .of("j", .json),
        ])
        let select = """
            SELECT 'x' || chr(10) || '"\\N' AS t, true AS b, 9007199254740993 AS i,
            12345678901234567890.123456789::DECIMAL(38, 9) AS d, DATE '0001-01-01' AS day,
            TIMESTAMP '2020-02-19 21:38:16.690535' AS at, 0.1::FLOAT AS f,
            TIMESTAMPTZ '2020-02-19 21:38:16.690535-08' AS moment,
            {'a': [1.10::DECIMAL(9, 2), NULL], 'b': 'ü"', 'big': 18446744073709551615::UBIGINT} AS j
            UNION ALL SELECT NULL, NULL, 7, 1.5, NULL, TIMESTAMP_NS '2020-01-01 00:00:00.000001', NULL, NULL, NULL
            """
        try await Bench.with { bench in
            for name in ["a.parquet", "A.PARQUET"] {
                let outcome = try await bench.run(
                    dataset, files: [(name, try await Self.file(bench, select))])
                #expect(outcome.counts == "2/0/0/0")
                let json =
                    #"{\"a\":[1.1,null],\"b\":\"ü\\\"\",\"big\":18446744073709551615}"#
                #expect(
                    outcome.rows == [
                        #"{"i":9007199254740993,"d":12345678901234567890.123456789,"t":"x\n\"\\N","b":true,"day":"0001-01-01","#
                            + #""at":"2020-02-19 21:38:16.690535","moment":"2020-02-20 05:38:16.690535+00","#
                            + #""f":0.10000000149011612,"j":"\#(json)"}"#,
                        #"{"i":7,"d":1.500000000,"t":null,"b":null,"day":null,"at":"2020-01-01 00:00:00.000001","#
                            + #""moment":null,"f":null,"j":null}"#,
                    ])
            }
        }
    }

    @Test(
        "has a reject for a value that its column cannot say exactly",
        arguments: [
            (ColumnType.decimal, "1.00000000000000000001::DECIMAL(38, 20)"),
            (.decimal, "123456789012345678901234567890::DECIMAL(38, 0)"),
            (.integer, "12.6::DOUBLE"),
            (.integer, "2147483648::BIGINT"), (.bigint, "18446744073709551615::UBIGINT"),
            (.double, "'nan'::DOUBLE"), (.double, "'inf'::FLOAT"), (.date, "DATE '10000-01-01'"),
            (.date, "DATE '0044-03-15 (BC)'"), (.date, "'infinity'::DATE"),
            (.timestamp, "TIMESTAMP_NS '2020-01-01 00:00:00.123456789'"),
            (.timestamp, "TIMESTAMPTZ '2020-01-01 00:00:00+00'"),
            (.timestamp, "TIMESTAMP '294246-01-01 00:00:00'"),
            (.timestamptz, "TIMESTAMP '2020-01-01 00:00:00'"), (.boolean, "2"), (.bigint, "[1]"),
            (.json, "'NaN'"), (.json, "{'a': 'nan'::DOUBLE}"), (.json, "'{\"a\":1,}'"),
            (.json, "{'a': chr(0)}"),
            (.text, "'a' || chr(0)"),
        ])
    func inexact(type: ColumnType, value: String) async throws {
        let dataset = Dataset.of([.of("id", .integer), .of("v", type)])
        try await Bench.with { bench in
            let file = try await Self.file(
                bench,
                "SELECT * FROM (SELECT 1 AS id, NULL AS v UNION ALL SELECT 2, \(value)) ORDER BY id"
            )
            let outcome = try await bench.run(dataset, files: [("a.parquet", file)])
            #expect(outcome.counts == "2/0/0/1")
            let reject = try #require(outcome.rejects.first)
            #expect(reject.line == 2 && reject.column == "v", "\(reject)")
            #expect(["bad_value", "nul_byte"].contains(reject.reason), "\(reject)")
            #expect(reject.raw.hasPrefix(#"{"id":"2","v":"#), "\(reject.raw)")
        }
    }

    @Test("keeps the rules about columns that every header has")
    func columns() async throws {
        let dataset = Dataset.of([.of("id", .integer), .of("name", .text)])
        try await Bench.with { bench in
            let good = try await Self.file(bench, "SELECT 'x' AS name, 1 AS id")
            var outcome = try await bench.run(
                dataset,
                files: [
                    ("a.parquet", good),
                    (
                        "b.parquet",
                        try await Self.file(bench, "SELECT 1 AS id, 2 AS nmae, 'x' AS name")
                    ),
                    ("c.parquet", try await Self.file(bench, "SELECT 1 AS id")),
                    (
                        "d.parquet",
                        try await Self.file(bench, "SELECT 1 AS ID, 'x' AS name, 2 AS id")
                    ), ("e.parquet", good),
                ])
            #expect(
                CSVTests.places(outcome.rejects) == [
                    "1:-:nmae:unknown_column", "2:-:name:missing_column", "3:-:ID:unknown_column",
                ])
            #expect(outcome.rejects[1].message == "the Parquet schema lacks `name`")
            #expect(outcome.rows == [#"{"id":1,"name":"x"}"#, #"{"id":1,"name":"x"}"#])
            var lenient = dataset
            lenient.contract.newColumns = .discardValue
            lenient.columns[1].isOptional = true
            outcome = try await bench.run(
                lenient,
                files: [
                    ("a.parquet", try await Self.file(bench, "SELECT [1] AS other, 1 AS id")),
                    ("b.csv", Data("name,id\nx,2\n".utf8)), ("c.json", Data(#"[{"id":3}]"#.utf8)),
                ])
            #expect(
                outcome.rows == [
                    #"{"id":1,"name":null}"#, #"{"id":2,"name":"x"}"#, #"{"id":3,"name":null}"#,
                ])
        }
    }

    @Test("of no rows, or no row groups, has no records")
    func noRows() async throws {
        try await Bench.with { bench in
            let file = try await Self.file(bench, "SELECT 1 AS id WHERE false")
            let outcome = try await bench.run(
                .of([.of("id", .integer)]), files: [("a.parquet", file)])
            #expect(outcome.report == TransformReport(objects: [ObjectReport()]))
        }
    }

    @Test("may be packed once more")
    func packed() async throws {
        try await Bench.with { bench in
            let file = try await Self.file(bench, "SELECT 1 AS id")
            let path = "\(bench.folder)/plain"
            try file.write(to: URL(fileURLWithPath: path))
            let packed = try await run(Command("gzip", ["-c", path]))
            let outcome = try await bench.run(
                .of([.of("id", .integer)]), files: [("a.parquet.gz", Data(packed.output))])
            #expect(outcome.rows == [#"{"id":1}"#])
        }
    }

    @Test("that is damaged is refused, and its neighbours are read")
    func damaged() async throws {
        try await Bench.with { bench in
            let select = "SELECT range AS id, 'text ' || range AS t FROM range(50000)"
            let good = try await Self.file(bench, select, ", ROW_GROUP_SIZE 10000")
            func with(_ change: (inout Data) -> Void) -> Data {
                var data = good
                change(&data)
                return data
            }
            let footer = good.count - 8 - Int(good[good.count - 8]) - Int(good[good.count - 7]) << 8
            let broken: [(String, Data)] = [
                ("the object is empty", Data()),
                ("does not start with `PAR1`", Data("id,t\n1,x\n".utf8)),
                ("no footer at its end", good.prefix(good.count / 2)),
                ("no footer at its end", Data("PAR1".utf8)),
                ("no footer at its end", good.dropLast()),
                ("footer is longer", with { $0[$0.count - 5] = 0x7F }),
                (
                    "is encrypted",
                    with { $0.replaceSubrange(($0.count - 4)..., with: Data("PARE".utf8)) }
                ),
                (
                    "cannot be read",
                    with {
                        $0.replaceSubrange(
                            footer..<($0.count - 8),
                            with: repeatElement(0xFF, count: $0.count - 8 - footer))
                    }
                ),
                (
                    "cannot be read",
                    with { $0.replaceSubrange(4..<400, with: repeatElement(0xFF, count: 396)) }
                ),
                (
                    "cannot be read",
                    Data("PAR1".utf8) + Data(repeating: 0, count: 64)
                        + good.suffix(good.count - footer)
                ),
            ]
            let dataset = Dataset.of([.of("id", .integer), .of("t", .text)])
            for (words, bytes) in broken {
                let outcome = try await bench.run(
                    dataset,
                    files: [("a.parquet", good), ("b.parquet", bytes), ("c.parquet", good)])
                #expect(outcome.counts == "100001/0/0/1", "\(words)")
                #expect(outcome.rejects.map(\.reason) == ["unreadable"])
                #expect(
                    outcome.rejects.first?.message.contains(words) == true, "\(outcome.rejects)")
            }
        }
    }

    @Test("that any byte is wrong in never ends a job, and is read or refused", arguments: 0..<4)
    func fuzzed(part: Int) async throws {
        try await Bench.with { bench in
            let good = try await Self.file(
                bench, "SELECT range AS id, 'text ' || range % 7 AS t FROM range(500)")
            var random = Seeded(seed: UInt64(part + 1))
            for _ in 0..<12 {
                var bytes = good
                let index = Int.random(
                    in: (part.isMultiple(of: 2) ? 4 : bytes.count * 2 / 3)..<bytes.count,
                    using: &random)
                bytes[index] = UInt8.random(in: 0...255, using: &random)
                let outcome = try await bench.run(
                    .of([.of("id", .integer), .of("t", .text)]), files: [("a.parquet", bytes)])
                let counts = outcome.report.counts
                #expect(
                    counts.read == counts.kept + counts.rejected, "byte \(index) is \(bytes[index])"
                )
            }
        }
    }

    @Test(
        "of real trips is read whole",
        .enabled(if: TestData.path("nyc_taxi") != nil, "the test data is not here"),
        arguments: ["green", "yellow"])
    func taxis(colour: String) async throws {
        let path = try #require(TestData.path("nyc_taxi/test_file_\(colour).parquet"))
        let start = colour == "green" ? "lpep_pickup_datetime" : "tpep_pickup_datetime"
        let dataset = Dataset.of(
            [
                Column(name: "vendor_id", field: "VendorID", type: .integer),
                Column(name: "started_at", field: start, type: .timestamp, isRequired: true),
                Column(name: "distance", field: "trip_distance", type: .double),
                Column(name: "total", field: "total_amount", type: .decimal),
                Column(name: "flag", field: "store_and_fwd_flag", type: .text),
            ], contract: Contract(newColumns: .discardValue))
        try await Bench.with { bench in
            let outcome = try await bench.run(
                dataset, files: [("a.parquet", Data(contentsOf: URL(fileURLWithPath: path)))])
            #expect(outcome.counts == "100/0/0/0")
            let processed = try #require(outcome.processed)
            func facts(_ file: String, _ columns: String) async throws -> String {
                try await bench.query("SELECT \(columns) FROM read_parquet('\(file)')")
            }
            #expect(
                try await facts(
                    processed,
                    "sum(vendor_id), min(started_at), sum(distance), sum(total), count(flag)")
                    == facts(
                        path,
                        "sum(VendorID), min(\(start)), sum(trip_distance), sum(total_amount::DECIMAL(38, 9)), "
                            + "count(store_and_fwd_flag)"))
        }
    }
}

/// Repeatable random numbers.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
