import Foundation

/// What was measured, and on what.
struct BenchReport: Codable, Sendable {
    var host: Host
    var broker: BrokerSpeed.Figures?
    var smallFile: SmallFileLatency.Figures?
    var throughput: Throughput.Figures?
    var checks: CheckSpeed.Figures?
    var alerts: AlertLatency.Figures?

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
        let gibibytes = host.memoryBytes >> 30
        return "\(host.processors) processors, \(gibibytes) GiB, \(host.system)\n\n"
            + (broker.map(Self.text) ?? "") + (smallFile.map(Self.text) ?? "")
            + (throughput.map(Self.text) ?? "") + (checks.map(Self.text) ?? "")
            + (alerts.map(Self.text) ?? "")
    }

    private static func text(_ broker: BrokerSpeed.Figures) -> String {
        """
        events of 1 kB through the broker, medians
        \(line("publish", broker.publish))
        \(line("consume", broker.consume))

        """
    }

    private static func line(_ verb: String, _ both: BrokerSpeed.Comparison) -> String {
        let rates = [both.ours, both.plain].map {
            "\(Int($0.perSecond).formatted(.number.locale(Locale(identifier: "en_US"))))/s"
        }
        let costs = [both.ours, both.plain].map { String(format: "%.1f", $0.cpuMicroseconds) }
        return "  \(verb): ours \(rates[0]), plain C \(rates[1]), \(both.percent) %"
            + " (CPU us per event: ours \(costs[0]), plain C \(costs[1]))"
    }

    private static func text(_ small: SmallFileLatency.Figures) -> String {
        let head = """

            a file of \(small.bytes) bytes, \(small.tries) times      p50       p95       most
              until a reader sees its rows        \(row(small.seenByReader))
              arrival to publish, as runs tell    \(row(small.toldByRun))

            """
        return head
            + order.compactMap { step in
                small.steps[step].map { "    \(pad(step, 32))\(milliseconds($0))\n" }
            }.joined()
    }

    private static func text(_ throughput: Throughput.Figures) -> String {
        """

        \(throughput.rows) rows in 4 files, \(throughput.bytes >> 20) MiB
          \(String(format: "%.1f", throughput.seconds)) s, \
        \(throughput.rowsPerSecond) rows a second

        """
    }

    private static func text(_ checks: CheckSpeed.Figures) -> String {
        func seconds(_ number: Double) -> String { String(format: "%.2f s", number) }
        let peers = checks.peers.sorted { $0.key < $1.key }.map { name, median in
            let share = Int((checks.ours * 100 / median).rounded())
            return "  \(pad(name, 20)) \(seconds(median)); ours takes \(share) % of it\n"
        }
        let missing = checks.missing.map { "  \($0) is not installed: make bench-checks does\n" }
        let slowest = checks.slowest.sorted { $0.value > $1.value }
            .map { "    \(pad($0.key, 40)) \(seconds($0.value))\n" }
        return "\n\(checks.rows) staged rows\n"
            + "  \(checks.pipelineChecks) checks of the pipeline: \(seconds(checks.pipeline))\n"
            + slowest.joined() + "ten checks, medians of \(checks.tries["ours"]?.count ?? 0)\n"
            + "  \(pad("ours", 20)) \(seconds(checks.ours))\n" + (peers + missing).joined()
    }

    private static func text(_ alerts: AlertLatency.Figures) -> String {
        func row(_ marks: Percentiles) -> String {
            [marks.p50, marks.p99, marks.most].map(milliseconds).joined()
        }
        return """

            \(alerts.alerts) alerts to 200 subscribers            p50       p99       most
              until a webhook has come            \(row(alerts.webhook))
              until a mail is taken               \(row(alerts.mail))
              of 1,000 endpoints                  \(row(alerts.endpoints))
              with a dead one among them          \(row(alerts.besideDead))

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
