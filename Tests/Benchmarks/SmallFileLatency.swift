import Events
import Foundation
import Postgres
import Warehouse

/// How soon the rows of a file of about 1 KB can be queried, file after file.
struct SmallFileLatency: Sendable {
    let tries: Int

    /// The figures, in milliseconds.
    struct Figures: Codable, Sendable {
        var tries: Int
        var bytes: Int
        /// From the rename into the inbox until a reader's query found the rows.
        var seenByReader: Percentiles
        /// What the runs say of themselves, from arrival to publish.
        var toldByRun: Percentiles
        /// Median of each step.
        var steps: [String: Double]
    }

    func measure(_ stack: BenchStack) async throws -> Figures {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "millrace-bench-files-\(UUID())", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var seen: [Double] = []
        // The first file finds nothing warm and is not counted.
        for number in 0...tries {
            let file = folder.appending(path: "author-\(number).csv")
            try Self.content(number).write(to: file, atomically: true, encoding: .utf8)
            let milliseconds = try await once(file, id: number * Self.rows, stack)
            if number > 0 { seen.append(milliseconds) }
        }
        try FileManager.default.removeItem(at: folder)
        let runs = try await Runs(stack.warehouse).list(dataset: "authors", limit: tries)
        return Figures(
            tries: tries, bytes: Self.content(1).utf8.count,
            seenByReader: Percentiles(seen),
            toldByRun: Percentiles(runs.compactMap { Self.milliseconds($0, .arrived, .published) }),
            steps: Self.steps(runs))
    }

    private func once(_ file: URL, id: Int, _ stack: BenchStack) async throws -> Double {
        let clock = ContinuousClock()
        let begin = clock.now
        try stack.drop(file)
        let sql = """
            select 1 from millrace.runs where pipeline = 'goodreads' and state = 'published'
                and exists (select from millrace.ledger where batch = runs.batch and name = $1)
            """
        while try await stack.warehouse.query(sql, [file.lastPathComponent]).isEmpty {
            guard clock.now - begin < .seconds(60) else {
                throw BenchError("\(file.lastPathComponent) was not published within a minute")
            }
            try await clock.sleep(for: .milliseconds(2))
        }
        let milliseconds = (clock.now - begin) / .milliseconds(1)
        let rows = try await stack.warehouse.query(
            "select 1 from goodreads.authors where author_id = $1", ["\(id)"])
        guard !rows.isEmpty else { throw BenchError("the rows of \(file.lastPathComponent)?") }
        return milliseconds
    }

    private static func steps(_ runs: [Run]) -> [String: Double] {
        var steps: [String: Double] = [:]
        for (before, step) in zip(Step.allCases, Step.allCases.dropFirst()) {
            let all = runs.compactMap { milliseconds($0, before, step) }
            steps[step.rawValue] = Percentiles(all).p50
        }
        return steps
    }

    private static func milliseconds(_ run: Run, _ from: Step, _ to: Step) -> Double? {
        guard let begin = run.times[from], let end = run.times[to] else { return nil }
        return end.timeIntervalSince(begin) * 1000
    }

    private static let rows = 10

    private static func content(_ number: Int) -> String {
        let header =
            "author_id,name,role,profile_url,average_rating,rating_count,text_review_count,"
            + "record_create_timestamp\n"
        return header
            + (0..<rows).map { row in
                let id = number * rows + row
                return "\(id),Ann Otter,editor,https://goodreads.example/author/show/\(id),4.5,10,"
                    + "2,2020-02-19 21:38:16.690535\n"
            }.joined()
    }
}

/// The usual marks of a set of measurements.
struct Percentiles: Codable, Sendable {
    var p50: Double
    var p95: Double
    var p99: Double
    var most: Double

    /// Nearest rank; zero for none.
    init(_ values: [Double]) {
        let sorted = values.sorted()
        func rank(_ share: Double) -> Double {
            guard !sorted.isEmpty else { return 0 }
            return sorted[
                min(sorted.count - 1, Int((share * Double(sorted.count)).rounded(.up)) - 1)]
        }
        p50 = rank(0.5)
        p95 = rank(0.95)
        p99 = rank(0.99)
        most = sorted.last ?? 0
    }
}
