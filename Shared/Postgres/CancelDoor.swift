import CPostgres
import Dispatch
import Synchronization

/// The way to stop a statement from outside of the lane that it blocks (libpq's `PQcancel`).
final class CancelDoor: Sendable {
    /// Safe to send: libpq never changes a cancel object, and any thread may call `PQcancel`.
    private struct State: ~Copyable, @unchecked Sendable {
        /// Null when libpq had no memory for it; `PQcancel` says so then.
        let raw: OpaquePointer?
        /// The number of the last call that was announced.
        var lastCall = 0
        /// The call that the lane is blocked by.
        var running: Int?

        deinit { PQfreeCancel(raw) }
    }

    private let state: Mutex<State>
    private static let queue = DispatchQueue(label: "millrace.postgres.cancel")

    init(_ handle: borrowing PostgresHandle) {
        state = Mutex(State(raw: PQgetCancel(handle.raw)))
    }

    /// A number for a call that is going to be made.
    func announce() -> Int {
        state.withLock { state in
            state.lastCall += 1
            return state.lastCall
        }
    }

    /// Runs a blocking call on the lane; while it runs, `knock` with its number stops it.
    ///
    /// - Throws: `CancellationError` in place of what libpq makes of a stop.
    func whileRunning<Value>(_ call: Int, _ body: () throws -> Value) throws -> Value {
        state.withLock { $0.running = call }
        // A cancel request under way holds the lock: it cannot hit the connection's next statement.
        defer { state.withLock { $0.running = nil } }
        // From here on a cancelled task knocks at an open door; before, it is seen here.
        try Task.checkCancellation()
        do {
            return try body()
        } catch let error as PostgresError where error.sqlState == "57014" {
            try Task.checkCancellation()
            throw error
        }
    }

    /// Stops that call. Repeats itself until it has stopped, since the server forgets a request
    /// that overtakes its statement; the connection's next borrower is none of its business.
    func knock(_ call: Int) {
        Self.queue.async { [weak self] in
            guard let self, cancel(call) else { return }
            Self.queue.asyncAfter(deadline: .now() + .milliseconds(50)) { [weak self] in
                self?.knock(call)
            }
        }
    }

    /// False when that call is not running any more.
    private func cancel(_ call: Int) -> Bool {
        state.withLock { state in
            guard state.running == call else { return false }
            var message = [CChar](repeating: 0, count: 256)
            // A request that fails is made again; the statement's own end is what counts.
            _ = PQcancel(state.raw, &message, Int32(message.count))
            return true
        }
    }
}
