import Foundation
import Lanes

/// Measures a stack of its own: how soon a small file can be queried, and how many rows go through
/// in a second.
@main
enum Bench {
    static func main() async {
        StopSignal.ignoreBrokenPipes()
        do {
            let plan = try BenchPlan(CommandLine.arguments.dropFirst())
            let report = try await BenchStack.with(plan) { stack in
                BenchReport(
                    host: .current,
                    smallFile: try await SmallFileLatency(tries: plan.tries).measure(stack),
                    throughput: try await Throughput(rows: plan.rows).measure(stack))
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
