import Foundation
import Glibc

/// What a supervisor that was killed has left running.
enum Leftovers {
    /// Ends every process that the state records, and forgets the state.
    ///
    /// - Returns: How many were still running.
    @discardableResult
    static func clear(_ folder: StackFolder) async throws -> Int {
        guard let state = try StackState.read(folder) else { return 0 }
        let alive = state.processes.filter(\.isAlive)
        // SIGTERM would make PostgreSQL wait for its clients; SIGINT ends all of them alike.
        for process in alive { process.signal(SIGINT) }
        for process in alive { process.signal(SIGTERM) }
        for process in alive where try await !process.hasEnded(within: .seconds(10)) {
            process.signal(SIGKILL)
            _ = try await process.hasEnded(within: .seconds(5))
        }
        try remove(folder)
        return alive.count
    }

    /// Removes the state file; what is not there is no error.
    static func remove(_ folder: StackFolder) throws {
        guard unlink(folder.state) != 0, errno != ENOENT else { return }
        throw StackError("cannot remove `\(folder.state)`: \(String(cString: strerror(errno)))")
    }
}
