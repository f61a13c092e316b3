import Foundation

/// What was measured, and on what.
struct BenchReport: Codable, Sendable {
    var host: Host
    var smallFile: SmallFileLatency.Figures
    var throughput: Throughput.Figures

    /// The machine, as far as it matters to the figures.
    struct Host: Codable, Sendable {
        var processors: Int
        var memoryBytes: Int
        var system: String
        var measuredAt: String

        static var current: Host {
            let process = ProcessInfo.processInfo
            return Host(
                processors: process.activeProcessorCount, memoryBytes: Int(process.physicalMemory),
                system: process.operatingSystemVersionString, measuredAt: Date().ISO8601Format())
        }
    }

    /// For people.
    var text: String {
        let small = smallFile
        let head = """
            \(host.processors) processors, \(host.memoryBytes >> 30) GiB, \(host.system)

            a file of \(small.bytes) bytes, \(small.tries) times      p50       p95       most
              until a reader sees its rows        \(Self.row(small.seenByReader))
              arrival to publish, as runs tell    \(Self.row(small.toldByRun))

            """
        let steps = Self.order.compactMap { step in
            small.steps[step].map { "    \(Self.pad(step, 32))\(Self.milliseconds($0))\n" }
        }
        return head + steps.joined() + """

            \(throughput.rows) rows in 4 files, \(throughput.bytes >> 20) MiB
              \(String(format: "%.1f", throughput.seconds)) s, \
            \(throughput.rowsPerSecond) rows a second

            """
    }

    /// Appends the figures as a line of JSON, so that they can be compared over time.
    func append(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let files = FileManager.default
        let before =
            files.fileExists(atPath: path) ? try Data(contentsOf: URL(filePath: path)) : Data()
        let line = try encoder.encode(self) + Data("\n".utf8)
        try (before + line).write(to: URL(filePath: path), options: .atomic)
    }

    private static let order = [
        "captured", "landed", "claimed", "transformed", "staged", "approved", "published",
    ]

    private static func row(_ marks: Percentiles) -> String {
        [marks.p50, marks.p95, marks.most].map(milliseconds).joined()
    }

    private static func milliseconds(_ number: Double) -> String {
        String(format: "%7.0f ms", number)
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text.padding(toLength: width, withPad: " ", startingAt: 0)
    }
}
