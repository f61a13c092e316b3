import Glibc

/// A stack that another process supervises.
public struct RunningStack: Sendable {
    /// How `stop` found it.
    public enum Finding: Sendable, Equatable {
        case stopped
        /// Its supervisor had been killed; so many processes were left.
        case cleared(processes: Int)
        case nothing
    }

    private let folder: StackFolder

    public init(_ folder: StackFolder) { self.folder = folder }

    /// What is recorded of it while its supervisor lives; nil when it does not run.
    public func state() throws -> StackState? {
        guard let state = try StackState.read(folder), state.supervisor.isAlive else { return nil }
        return state
    }

    /// Stops it and returns when nothing of it runs, whoever is its supervisor, if there is one.
    public func stop() async throws -> Finding {
        guard let state = try StackState.read(folder) else { return .nothing }
        guard state.supervisor.isAlive else {
            return .cleared(processes: try await Leftovers.clear(folder))
        }
        state.supervisor.signalAlone(SIGTERM)
        if try await !state.supervisor.hasEnded(within: .seconds(120)) {
            state.supervisor.signalAlone(SIGKILL)
            _ = try await state.supervisor.hasEnded(within: .seconds(5))
        }
        try await Leftovers.clear(folder)
        return .stopped
    }
}
