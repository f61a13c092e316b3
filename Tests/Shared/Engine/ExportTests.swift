import Engine
import Foundation
import Glibc
import Kit
import Pipelines
import Postgres
import Processes
import Testing

@Suite(
    "An export", .enabled(if: Bench.isReady, "MILLRACE_DUCKDB names no duckdb"),
    .enabled(if: Bench.hasWarehouse, "MILLRACE_TEST_WAREHOUSE_URL names no server"))
struct ExportTests {
    @Test("gives PostgreSQL the same values, whatever is in the texts")
    func roundTrip() async throws {
        let texts = ["", "\\N", "\\.", "a,b", "\"", "a\nb", "é😀", "NULL", " x ", "\t", "\r", "'"]
        let columns: [Column] = [
            Column(name: "v", field: "v", type: .text, nulls: ["null"]), .of("n", .integer),
            .of("f", .double), .of("d", .decimal), .of("b", .boolean), .of("t", .timestamptz),
            .of("j", .json), .of("select", .date),
        ]
        let rest =
            #""f":1e-300,"d":"1.000000001","b":true,"t":"2020-02-19T21:38:16.000001+01:00""#
            + #","j":{"a":[1]},"select":"2020-02-29""#
        let lines = try texts.enumerated().map { index, text in
            let value = try #require(String(data: JSONEncoder().encode([text]), encoding: .utf8))
            return "{\"n\":\(index),\(rest),\"v\":\(value.dropFirst().dropLast())}"
        }
        try await Bench.with { bench in
            let outcome = try await bench.run(
                .of(columns), [("a.jsonl", (lines + [#"{"n":99}"#]).joined(separator: "\n"))])
            #expect(outcome.counts == "13/0/0/0")
            try await withDatabase { address in
                let pool = PostgresPool(address, size: 1, applicationName: "export")
                try await copy(try #require(outcome.processed), columns, bench, pool)
                let rows = try await pool.query("SELECT * FROM things ORDER BY n")
                #expect(rows.map { $0["v"] } == texts + [nil])
                #expect(rows.first?["f"] == "1e-300")
                #expect(rows.first?["d"] == "1.000000001")
                #expect(rows.first?["b"] == "t")
                #expect(rows.first?["t"] == "2020-02-19 20:38:16.000001+00")
                #expect(rows.first?["j"] == #"{"a": [1]}"#)
                #expect(rows.first?["select"] == "2020-02-29")
                #expect(rows.last?["j"] == nil)
            }
        }
    }

    private func copy(
        _ parquet: String, _ columns: [Column], _ bench: Bench, _ pool: PostgresPool
    ) async throws {
        let names = columns.map { "\"\($0.name)\"" } + ["_object", "_line"]
        let export = try bench.engine.export(
            parquet, columns: columns.map(\.name) + ["_object", "_line"])
        try await pool.with { connection in
            _ = try await connection.query("SET TimeZone = 'UTC'")
            _ = try await connection.query(
                """
                CREATE TABLE things (v text, n integer, f double precision, d numeric(38, 9),
                    b boolean, t timestamptz, j jsonb, "select" date, _object integer, _line bigint)
                """)
            let child = try await ChildProcess.start(export.command)
            let output = try #require(child.takeOutput())
            defer { close(output) }
            let count = try await connection.copyIn(
                "COPY things (\(names.joined(separator: ", "))) FROM STDIN WITH (\(export.copyOptions))",
                from: output)
            #expect(count == 13)
            #expect(try await child.wait().isSuccess)
        }
    }
}
