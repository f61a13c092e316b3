import Synchronization
import Telemetry

/// Says what is wrong with a file or folder once, however often it is met.
final class Complaints: Sendable {
    private let log: Log
    private let said = Mutex<[String: String]>([:])
    private static let limit = 10_000

    init(log: Log) {
        self.log = log
    }

    /// - Parameter complaints: Reasons by the path that they are about.
    func report(_ complaints: [String: String]) {
        for (path, reason) in complaints.sorted(by: { $0.key < $1.key }) {
            let isNew = said.withLock { said in
                // Better to repeat some than to remember names without end.
                if said.count >= Self.limit { said = [:] }
                defer { said[path] = reason }
                return said[path] != reason
            }
            if isNew { log.warning("file not taken", ["file.path": path, "reason": reason]) }
        }
    }
}
