import Foundation
import Processes
import Stack

/// The program `plain-rabbit` beside this one: the yardstick.
struct PlainRabbit: Sendable {
    let url: String

    /// - Parameter limit: The window of confirms, or the prefetch.
    func run(_ verb: String, _ count: Int, _ limit: Int) async throws -> BrokerSpeed.Rate {
        let result = try await Processes.run(
            Command(
                ServerPrograms.ownFolder + "/plain-rabbit", [verb, "\(count)", "\(limit)"],
                environment: ["PLAIN_RABBIT_URL": url], timeLimit: .seconds(120)))
        let numbers = result.text.split(whereSeparator: \.isWhitespace).compactMap {
            Double($0)
        }
        guard result.isSuccess, numbers.count == 2 else {
            throw BenchError("plain-rabbit \(verb): \(result.errorText)")
        }
        return BrokerSpeed.Rate(count, seconds: numbers[0], cpuSeconds: numbers[1])
    }
}
