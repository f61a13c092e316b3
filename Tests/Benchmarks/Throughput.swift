import Foundation
import Postgres
import Warehouse

/// How many rows a second go all the way when a day of traffic arrives at once.
struct Throughput: Sendable {
    /// Records of the traffic: a row of each in four files.
    let rows: Int

    /// The figures.
    struct Figures: Codable, Sendable {
        var rows: Int
        var bytes: Int
        /// From the last rename into the inbox until all is published.
        var seconds: Double
        var rowsPerSecond: Int
    }

    func measure(_ stack: BenchStack) async throws -> Figures {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "millrace-bench-traffic-\(UUID())", directoryHint: .isDirectory)
        try await BenchStack.millrace(
            "faker", "goodreads", "--rows", "\(rows)", "--out", folder.path, data: stack.folder)
        let files = ["author.csv", "book.csv", "user.csv", "reviews.csv"].map {
            folder.appending(path: $0)
        }
        let clock = ContinuousClock()
        for file in files { try stack.drop(file) }
        let begin = clock.now
        let sql = """
            select count(*) as objects, sum(read) as rows, sum(bytes) as bytes from millrace.ledger
            where name in ('author.csv', 'book.csv', 'user.csv', 'reviews.csv')
            """
        while true {
            if let row = try await stack.warehouse.query(sql).first,
                try row.integer("objects") == files.count
            {
                let seconds = (clock.now - begin) / .seconds(1)
                try FileManager.default.removeItem(at: folder)
                let rows = try row.integer("rows")
                return Figures(
                    rows: rows, bytes: try row.integer("bytes"), seconds: seconds,
                    rowsPerSecond: Int(Double(rows) / seconds))
            }
            guard clock.now - begin < .seconds(900) else {
                throw BenchError("the traffic was not published within 15 minutes")
            }
            try await clock.sleep(for: .milliseconds(20))
        }
    }
}
