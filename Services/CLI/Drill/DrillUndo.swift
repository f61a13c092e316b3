import Synchronization

/// What a drill has done to the stack and has to undo, however it ends.
final class DrillUndo: Sendable {
    typealias Step = @Sendable () async throws -> Void

    private struct State {
        var last = 0
        var steps: [Int: (what: String, step: Step)] = [:]
    }

    private let state = Mutex(State())

    /// Runs `body` and then `step`, which is also run by `all` when the drill ends before.
    ///
    /// - Parameter what: e.g. `continue the broker`.
    func after(
        _ what: String, _ step: @escaping Step, _ body: () async throws -> Void
    ) async throws {
        let ticket = state.withLock { state in
            state.last += 1
            state.steps[state.last] = (what, step)
            return state.last
        }
        // Left for `all` when it throws: a cancelled task may not get its undoing done.
        try await body()
        guard let own = state.withLock({ $0.steps.removeValue(forKey: ticket) }) else { return }
        try await own.step()
    }

    /// Undoes what is left, the last thing first.
    ///
    /// - Returns: What was undone, and what could not be, with its reason.
    func all() async -> [String] {
        let steps = state.withLock { state in
            defer { state.steps = [:] }
            return state.steps.sorted { $0.key > $1.key }.map(\.value)
        }
        var told: [String] = []
        for (what, step) in steps {
            do {
                try await step()
                told.append(what)
            } catch {
                told.append("\(what): not done: \(error)")
            }
        }
        return told
    }
}
