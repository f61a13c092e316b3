import Foundation
import Kit
import Pipelines
import Testing

@testable import Engine

@Suite(
    "Times in Parquet that DuckDB would cut",
    .enabled(if: Bench.isReady, "MILLRACE_DUCKDB names no duckdb"))
struct ParquetTimeTests {
    private static let plain = ", COMPRESSION uncompressed"

    @Test("in nanoseconds and UTC are exact, or rejects")
    func nanoseconds() async throws {
        let select = """
            SELECT id, a, repeat('x', 300) AS other, 'ü' AS t, x'FF00'::BLOB AS b FROM (VALUES
            (1, TIMESTAMP_NS '2020-02-19 21:38:16.690535'), (2, TIMESTAMP_NS '2020-02-19 21:38:16.690535001'),
            (3, NULL), (4, TIMESTAMP_NS '1960-01-01 00:00:00')) v(id, a)
            """
        try await Bench.with { bench in
            let file = try #require(
                ParquetSurgery.adjustedToUTC(try await ParquetTests.file(bench, select, Self.plain))
            )
            let dataset = Dataset.of(
                [.of("a", .timestamptz), .of("id", .integer), .of("t", .text)],
                contract: Contract(newColumns: .discardValue))
            let outcome = try await bench.run(
                dataset, files: [("a.parquet", file), ("b.parquet", file)])
            let rows = [
                #"{"a":"2020-02-19 21:38:16.690535+00","id":1,"t":"ü"}"#,
                #"{"a":null,"id":3,"t":"ü"}"#,
                #"{"a":"1960-01-01 00:00:00+00","id":4,"t":"ü"}"#,
            ]
            #expect(outcome.rows == rows + rows)
            #expect(CSVTests.places(outcome.rejects) == ["0:2:a:bad_value", "1:2:a:bad_value"])
            #expect(
                outcome.rejects[0].message.hasPrefix("`a` is `2020-02-19 21:38:16.690535001+00`"))
        }
    }

    @Test(
        "in INT96 are exact, or rejects",
        arguments: [
            (2_440_588, 0, "1970-01-01 00:00:00"),
            (2_458_850, 43_200_123_456_000, "2020-01-01 12:00:00.123456"),
            (2_458_850, 43_200_123_456_789, nil),
            (2_440_587, 86_398_999_999_000, "1969-12-31 23:59:58.999999"),
            (2_440_588, 86_402_000_000_000, "1970-01-02 00:00:02"),
            (2_305_448, 1_000, "1600-01-01 00:00:00.000001"),
            (5_373_485, 0, nil), (1_000_000, 0, nil),
        ] as [(Int, UInt64, String?)])
    func int96(day: Int, nanoseconds: UInt64, text: String?) async throws {
        let interval = ParquetSurgery.interval(day: day, nanoseconds: nanoseconds)
        try await Bench.with { bench in
            let select = "SELECT \(interval) AS a, 1 AS id, 'x' AS t UNION ALL SELECT NULL, 2, 'y'"
            let file = try #require(
                ParquetSurgery.int96(
                    try await ParquetTests.file(bench, "\(select) ORDER BY id", Self.plain)))
            let dataset = Dataset.of(
                [.of("id", .integer), .of("a", .timestamp), .of("t", .json)],
                contract: Contract(newColumns: .discardValue))
            var wall = dataset
            wall.columns[2].type = .text
            let outcome = try await bench.run(wall, files: [("a.parquet", file)])
            let first = text.map { [#"{"id":1,"a":"\#($0)","t":"x"}"#] } ?? []
            #expect(outcome.rows == first + [#"{"id":2,"a":null,"t":"y"}"#])
            #expect(CSVTests.places(outcome.rejects) == (text == nil ? ["0:1:a:bad_value"] : []))
            let checked = try await bench.run(dataset, files: [("a.parquet", file)])
            #expect(checked.rejects.map(\.column) == ["t", "t"])
        }
    }

    @Test("leave every other part of a footer as it is")
    func untouched() async throws {
        let select = """
            SELECT 1::TINYINT AS a, 2::UBIGINT AS b, 1.5::DECIMAL(38, 9) AS c, [{'x': 1, 'y': [NULL, 'z']}] AS d,
            MAP {'k': DATE '2020-01-01'} AS e, uuid() AS f, TIME '12:00' AS g, INTERVAL 1 DAY AS h,
            TIMESTAMPTZ '2020-01-01 00:00:00Z' AS i, TIMESTAMP_MS '2020-01-01 00:00:00' AS j, '{}'::JSON AS k,
            repeat('long', 500) AS l, NULL AS m, true AS n, x'FF'::BLOB AS o FROM range(5000)
            """
        try await Bench.with { bench in
            let file = try await ParquetTests.file(bench, select, ", ROW_GROUP_SIZE 2048")
            let (start, footer) = try file.withUnsafeBytes { try ParquetFooter.rewritten($0) }
            #expect(file[start...].elementsEqual(footer))
        }
    }

    @Test("in a damaged footer do no harm", arguments: 0..<8)
    func damaged(seed: Int) async throws {
        try await Bench.with { bench in
            var random = Seeded(seed: UInt64(seed + 11))
            let select =
                "SELECT TIMESTAMP_NS '2020-01-01 00:00:00' AS a, [{'x': MAP {'k': 1}}] AS b"
            let good = try #require(
                ParquetSurgery.adjustedToUTC(try await ParquetTests.file(bench, select, Self.plain))
            )
            let start = try good.withUnsafeBytes { try ParquetFooter.rewritten($0).start }
            var read = 0
            for _ in 0..<500 {
                var bytes = good
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let index = Int.random(in: start..<(bytes.count - 8), using: &random)
                    bytes[index] = UInt8.random(in: 0...255, using: &random)
                }
                do {
                    _ = try bytes.withUnsafeBytes { try ParquetFooter.rewritten($0) }
                    read += 1
                } catch is ParquetFooter.Damage {
                    continue
                }
            }
            #expect(read > 0 && read < 500)
        }
    }

    @Test("do no harm where nobody takes them, and are refused inside of lists")
    func others() async throws {
        try await Bench.with { bench in
            let nanos = "TIMESTAMP_NS '2020-01-01 00:00:00.123456789'"
            let flat = try #require(
                ParquetSurgery.adjustedToUTC(
                    try await ParquetTests.file(bench, "SELECT \(nanos) AS a, 1 AS id", Self.plain))
            )
            let nested = try #require(
                ParquetSurgery.adjustedToUTC(
                    try await ParquetTests.file(
                        bench, "SELECT [\(nanos)] AS a, 2 AS id", Self.plain)))
            let files = [("a.parquet", flat), ("b.parquet", nested)]
            let ignoring = try await bench.run(
                .of([.of("id", .integer)], contract: Contract(newColumns: .discardValue)),
                files: files)
            #expect(ignoring.rows == [#"{"id":1}"#, #"{"id":2}"#])
            let outcome = try await bench.run(
                .of([.of("id", .integer), .of("a", .json)]), files: [files[1]])
            #expect(CSVTests.places(outcome.rejects) == ["0:-:a:bad_value"])
        }
    }
}
