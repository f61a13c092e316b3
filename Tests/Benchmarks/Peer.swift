import Foundation
import Processes
import Stack

/// Another tool with the same ten checks: a program in Python, in an environment of its own.
struct Peer: Sendable {
    let name: String
    private let script: String
    private let url: String

    /// - Parameter url: The warehouse, with its password.
    static func all(_ url: String) -> [Peer] {
        ["great_expectations", "soda"].map { Peer(name: $0, script: "\($0)_checks.py", url: url) }
    }

    private static var root: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }

    /// Seconds that its ten checks took, without its start; nil where it is not installed.
    func run() async throws -> Double? {
        let python = Self.root.appending(path: ".build/peers/bin/python").path
        guard FileManager.default.isExecutableFile(atPath: python) else { return nil }
        let result = try await Processes.run(
            Command(
                python, [Self.root.appending(path: "Tests/Benchmarks/peers/\(script)").path],
                environment: ProcessInfo.processInfo.environment
                    .merging(["BENCH_WAREHOUSE_URL": url], uniquingKeysWith: { $1 }),
                timeLimit: .seconds(1800)))
        let last = result.text.split(whereSeparator: \.isNewline).last ?? ""
        let words = last.split(separator: " ")
        guard result.isSuccess, words.count == 3, let seconds = Double(words[0]),
            words[1] == "10", words[2] == "0"
        else {
            throw BenchError("\(name): \(last) \(result.errorText.suffix(2000))")
        }
        return seconds
    }
}
