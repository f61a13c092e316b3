import Foundation
import Lanes

/// Measures how fast the broker's port is next to a plain C program, and on a stack of its own how
/// soon a small file can be queried, how many rows go through in a second, and how soon subscribers
/// hear of an alert.
@main
enum Bench {
    static func main() async {
        StopSignal.ignoreFailedWrites()
        do {
            let plan = try BenchPlan(CommandLine.arguments.dropFirst())
            var report = BenchReport(host: .current)
            if plan.parts.contains(.broker) {
                report.broker = try await BrokerSpeed(rounds: plan.rounds ?? 7).measure()
            }
            if plan.parts.contains(.files) {
                (report.smallFile, report.throughput) = try await BenchStack.with(plan) { stack in
                    (
                        try await SmallFileLatency(tries: plan.tries).measure(stack),
                        try await Throughput(rows: plan.rows ?? 200_000).measure(stack)
                    )
                }
            }
            if plan.parts.contains(.checks) {
                report.checks = try await CheckSpeed(
                    rows: plan.rows ?? 11_000_000, rounds: plan.rounds ?? 3
                ).measure()
            }
            if plan.parts.contains(.alerts) {
                report.alerts = try await AlertLatency(tries: plan.tries).measure(plan)
            }
            try report.append(to: plan.output)
            FileHandle.standardOutput.write(Data(report.text.utf8))
        } catch {
            FileHandle.standardError.write(Data("bench: \(error)\n".utf8))
            exit(1)
        }
    }
}

/// Why the measuring could not be done.
struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
