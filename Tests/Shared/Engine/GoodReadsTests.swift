import Engine
import Foundation
import Kit
import Pipelines
import Processes
import Testing

@Suite(
    "The GoodReads sample",
    .enabled(if: Bench.isReady, "MILLRACE_DUCKDB names no duckdb"),
    .enabled(if: TestData.path("goodreads_sample") != nil, "the test data is not here"))
struct GoodReadsTests {
    static let files = [
        ("authors", "author.csv", 112), ("books", "book.csv", 120),
        ("reviews", "reviews.csv", 120), ("users", "user.csv", 107),
    ]

    @Test("gives the known rows, as CSV and as JSON lines alike", arguments: files)
    func golden(dataset: String, file: String, rows: Int) async throws {
        let folder = PipelineFolder.read(TestData.packageRoot + "/compose/pipelines/goodreads")
        let definition = try #require(folder.pipeline?.dataset(dataset))
        let path = try #require(TestData.path("goodreads_sample/\(file)"))
        try await Bench.with { bench in
            let csv = try Data(contentsOf: URL(fileURLWithPath: path))
            let lines = try await jsonLines(path, bench)
            let fromCSV = try await bench.run(definition, files: [(file, csv)])
            #expect(fromCSV.counts == "1651/\(1651 - rows)/0/0")
            #expect(fromCSV.rows.count == rows)
            let fromJSON = try await bench.run(definition, files: [("x.jsonl", lines)])
            #expect(fromJSON.rows == fromCSV.rows)
            #expect(fromJSON.counts == fromCSV.counts)
        }
    }

    /// The same records with numbers and booleans as JSON has them.
    private func jsonLines(_ path: String, _ bench: Bench) async throws -> Data {
        let script = """
            import csv, json, sys
            for row in csv.DictReader(open(sys.argv[1], newline='', encoding='utf-8')):
                for key, value in row.items():
                    if value in ('true', 'false') or value.isdigit():
                        row[key] = json.loads(value)
                    elif key == 'average_rating':
                        row[key] = float(value)
                    elif value == '':
                        row[key] = None
                print(json.dumps(row))
            """
        let result = try await run(Command("python3", ["-c", script, path]))
        #expect(result.isSuccess, "\(result.errorText)")
        return Data(result.output)
    }
}
