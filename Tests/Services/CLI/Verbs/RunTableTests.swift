import Events
import Foundation
import Testing
import Warehouse

@testable import millrace

@Suite("The list of runs")
struct RunTableTests {
    @Test("is a table on 80 columns, down to the latency")
    func narrow() throws {
        let runs = try (0..<3).map { try run("01M7YJN4\($0)R78Y09Z57FRXWESPN") }
        let lines = RunTable.table(runs, for: .table, width: 80).text(width: 80)
            .split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.allSatisfy { $0.count <= 80 })
        for word in ["run", "table", "state", "read", "published", "superseded", "latency"] {
            #expect(lines[0].contains(word))
        }
        #expect(lines[1].contains("reviews  published  200000") && lines[1].hasSuffix(" 1.5 s"))
    }

    @Test("shows as much of each id as tells the runs apart, for `show` to find one")
    func ids() throws {
        let same = try [run("01M7YJN42R78Y09Z57FRXWESP0"), run("01M7YJN42R79Y09Z57FRXWESP0")]
        let text = RunTable.table(same, for: .table, width: 200).text(width: 200)
        #expect(text.contains("01M7YJN42R78  ") && text.contains("01M7YJN42R79  "))
    }

    @Test("names the pipeline where there are several, and always for scripts")
    func pipelines() throws {
        let runs = try [
            run("01M7YJN42R78Y09Z57FRXWESP0"), run("01M7YJN42R78Y09Z57FRXWESP1", in: "shop"),
        ]
        #expect(RunTable.table(runs, for: .table, width: 80).text(width: 200).contains("shop."))
        let json = RunTable.table([runs[0]], for: .json, width: 80).json()
        #expect(json.contains(#""pipeline": "goodreads", "dataset": "reviews""#))
        #expect(json.contains(#""latency_seconds": 1.5,"#))
    }

    private func run(_ id: String, in pipeline: String = "goodreads") throws -> Run {
        let arrived = Date(timeIntervalSince1970: 1_700_000_000)
        return Run(
            batch: try #require(ULID(id)), pipeline: pipeline, dataset: "reviews", revision: "r",
            state: .published, objects: 1,
            counts: Counts(
                read: 200_000, published: 150_000, superseded: 49_000, filtered: 0, rejected: 1_000),
            times: [.arrived: arrived, .published: arrived.addingTimeInterval(1.500_04)],
            reasons: [], processed: nil, startedAt: arrived, updatedAt: arrived)
    }
}
