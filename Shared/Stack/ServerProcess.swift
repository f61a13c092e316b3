import Foundation
import Processes

/// One process of a private server, and the wait for its first answer.
struct ServerProcess: Sendable {
    /// What it is called in messages.
    let name: String
    let child: ChildProcess
    let identity: ProcessIdentity
    private let log: String

    /// - Parameter log: The file that its output goes to.
    static func start(_ name: String, _ command: Command, log: String) async throws -> Self {
        let child = try await ChildProcess.start(command)
        guard let identity = ProcessIdentity(of: child.id) else {
            throw StackError("\(name) ended at once\(tail(of: log))")
        }
        return ServerProcess(name: name, child: child, identity: identity, log: log)
    }

    /// Returns when `isReady` says so.
    ///
    /// - Throws: `StackError` with the end of its log when it ends before, or takes too long.
    func waitUntil(_ limit: Duration, isReady: () async -> Bool) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + limit
        while await !isReady() {
            guard identity.isAlive else {
                throw StackError("\(name) ended while it started\(Self.tail(of: log))")
            }
            guard clock.now < deadline else {
                throw StackError("\(name) is not ready after \(limit)\(Self.tail(of: log))")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// Waits for its end and says how it came.
    func ended() async -> String {
        do {
            return "\(try await child.wait().ending)"
        } catch {
            return "stopped"
        }
    }

    private static func tail(of log: String) -> String {
        // A log that is not there has nothing to add.
        guard let text = try? String(contentsOfFile: log, encoding: .utf8) else { return "" }
        let lines = text.split(separator: "\n").suffix(8)
        return lines.isEmpty ? "" : "; \(log) ends with\n  " + lines.joined(separator: "\n  ")
    }
}
