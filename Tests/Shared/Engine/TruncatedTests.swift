import Engine
import Foundation
import Kit
import Pipelines
import Testing

/// Files of a public dataset that a broken download has cut at 512 KiB, 768 KiB and 1 MiB.
@Suite(
    "A download that was cut short", .enabled(if: Bench.isReady, "needs MILLRACE_DUCKDB"),
    .enabled(if: TestData.path("covid19") != nil, "needs the test data `covid19`"),
    .timeLimit(.minutes(5)))
struct TruncatedTests {
    private static func file(_ name: String) throws -> Data {
        let path = try #require(TestData.path("covid19/truncated_downloads/\(name)"))
        return try Data(contentsOf: URL(fileURLWithPath: path))
    }

    private static func dataset(_ format: Format, _ field: String) -> Dataset {
        .of([.of(field, .text)], contract: Contract(newColumns: .evolve), format: format)
    }

    @Test(
        "goes on up to its last whole record; the one that is cut is a reject",
        arguments: [
            ("us_county.truncated.csv", "date", 26_900, "too_few_fields"),
            ("states_daily.truncated.csv", "date", 2_685, "too_few_fields"),
            ("states_daily.truncated.ndjson", "date", 2_102, "malformed"),
            ("usa-hospital-beds.truncated.ndjson", "OBJECTID", 830, "malformed"),
        ])
    func cut(name: String, field: String, records: Int, reason: String) async throws {
        let dataset = Self.dataset(.byName(CSVFormat()), field.lowercased())
        var mapped = dataset
        mapped.columns[0].field = field
        let bytes = try Self.file(name)
        try await Bench.with { [mapped] bench in
            let outcome = try await bench.run(mapped, files: [(name, bytes)])
            #expect(outcome.counts == "\(records)/0/0/1")
            #expect(outcome.rows.count == records - 1)
            #expect(outcome.rejects.map(\.reason) == [reason])
            let line = outcome.rejects.first?.line
            #expect(line == records + (name.hasSuffix("csv") ? 1 : 0))
        }
    }

    @Test("is refused where it was packed, or goes on where the contract says so")
    func packed() async throws {
        let bytes = try Self.file("Enigma-JHU.csv.truncated.gz")
        var dataset = Self.dataset(.csv(CSVFormat()), "fips")
        try await Bench.with { bench in
            let refused = try await bench.run(dataset, files: [("a.csv.gz", bytes)])
            #expect(refused.counts == "1/0/0/1")
            #expect(refused.report.objects[0].refusal?.contains("unexpected end of file") == true)
            dataset.contract.truncated = .keep
            let kept = try await bench.run(dataset, files: [("a.csv.gz", bytes)])
            #expect(kept.counts == "50984/0/0/1")
            #expect(kept.rejects.first?.raw.hasPrefix(",,New Caledon") == true)
        }
    }
}
