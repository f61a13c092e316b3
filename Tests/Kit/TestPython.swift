import Foundation
import Processes

/// Python with what tests compare Millrace with (`infra/requirements-tests.txt`).
public enum TestPython {
    /// Nil where `infra/setup.sh tests` has not been run.
    public static let path: String? = {
        let path = TestData.packageRoot + "/.build/test-tools/bin/python3"
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()
    /// For `.enabled(if:)`.
    public static var isAvailable: Bool { path != nil }
    /// The word for a skipped suite.
    public static let missing = "needs `sh infra/setup.sh tests`"

    /// Runs a script to its end and gives what it prints.
    public static func run(_ script: String, _ arguments: [String] = []) async throws -> String {
        let result = try await Processes.run(
            Command(path ?? "python3", ["-c", script] + arguments, timeLimit: .seconds(60)))
        guard result.isSuccess else { throw Failure(description: result.errorText) }
        return result.text
    }

    /// A script that failed, with its last words.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }
}
