import Synchronization

/// One call of `post` that waits for the answers to its messages.
///
/// It ends once: with the last answer, or before that when its time is over or its task is
/// cancelled; whatever comes later is of no interest.
final class PublishCall: Sendable {
    private struct State {
        var open: Int
        var error: (any Error)?
        var isOver = false
        var continuation: CheckedContinuation<Void, any Error>?
    }

    /// When its time is over.
    let deadline: ContinuousClock.Instant
    private let state: Mutex<State>

    /// - Parameter count: Of its messages.
    init(_ count: Int, until deadline: ContinuousClock.Instant) {
        self.deadline = deadline
        state = Mutex(State(open: count))
    }

    /// True when nobody waits for it any more.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// One of its messages has its answer; the first error is the call's.
    func answer(_ error: BrokerError?) {
        finish { state in
            state.open -= 1
            state.error = state.error ?? error
            return state.open == 0
        }
    }

    /// Ends it now.
    func end(_ error: any Error) {
        finish { state in
            state.error = error
            return true
        }
    }

    /// Returns when all is answered.
    ///
    /// - Parameter begin: Called once the call can be answered.
    /// - Throws: The first error, or `CancellationError`.
    func wait(_ begin: () -> Void) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { $0.continuation = continuation }
                // Cancelled before there was anything to end: the handler has run already.
                if Task.isCancelled { end(CancellationError()) } else { begin() }
            }
        } onCancel: {
            end(CancellationError())
        }
    }

    private func finish(_ isDone: (inout State) -> Bool) {
        let ended = state.withLock {
            state -> (CheckedContinuation<Void, any Error>, (any Error)?)? in
            guard !state.isOver, isDone(&state), let waiting = state.continuation.take() else {
                return nil
            }
            state.isOver = true
            return (waiting, state.error)
        }
        ended?.0.resume(with: ended?.1.map { .failure($0) } ?? .success(()))
    }
}
