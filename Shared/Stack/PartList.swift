import Synchronization

/// The parts of a stack, in the order in which they were added.
final class PartList: Sendable {
    private struct State {
        var parts: [SupervisedPart] = []
        var started = 0
        var isStopping = false
    }

    private let state = Mutex(State())

    func add(_ part: SupervisedPart) {
        state.withLock { $0.parts.append(part) }
    }

    /// Starts what was added since the last call, side by side.
    func start() async throws {
        let fresh = try state.withLock { state -> [SupervisedPart] in
            if state.isStopping { throw CancellationError() }
            defer { state.started = state.parts.count }
            return Array(state.parts[state.started...])
        }
        try await withThrowingTaskGroup { group in
            for part in fresh { group.addTask { try await part.start() } }
            try await group.waitForAll()
        }
    }

    /// Keeps all of them alive until they are stopped.
    func keepAlive() async throws {
        try await withThrowingTaskGroup { group in
            for part in all { group.addTask { try await part.keepAlive() } }
            try await group.waitForAll()
        }
    }

    /// Stops the services one after the other, in the order of `StackPart`, then the servers.
    func stop() async throws {
        state.withLock { $0.isStopping = true }
        let sorted = StackPart.services.compactMap { name in all.first { $0.part == name } }
        for part in sorted { try await part.stop() }
        try await withThrowingTaskGroup { group in
            for part in all where StackPart.servers.contains(part.part) {
                group.addTask { try await part.stop() }
            }
            try await group.waitForAll()
        }
    }

    /// Stops what has come up of a stack that did not come up as a whole.
    func abandon() async {
        do {
            try await stop()
        } catch {
            // The record could not be written; what counts is that nothing runs on.
            await kill()
        }
    }

    /// Ends all of them at once.
    func kill() async {
        for part in all { await part.kill() }
    }

    private var all: [SupervisedPart] { state.withLock(\.parts) }
}
