import Dispatch

/// A thread of its own for one blocking C connection.
///
/// It is a serial queue: Dispatch's concurrent queues share their few threads with every `Task`
/// of the process on Linux, so that a blocking call there stops the others.
public final class Lane: SerialExecutor {
    private let queue: DispatchQueue

    /// - Parameter label: What debuggers and `ps -L` show.
    public init(_ label: String) {
        queue = DispatchQueue(label: "millrace.\(label)")
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    public func checkIsolated() {
        dispatchPrecondition(condition: .onQueue(queue))
    }

    /// Runs `body` on this lane soon, in turn. For callers that cannot wait, e.g. a handler of
    /// cancellation; an actor on this lane may assume its isolation inside.
    public func post(_ body: @escaping @Sendable () -> Void) {
        queue.async(execute: body)
    }

    /// Runs `body` on this lane when so much time has passed, in turn.
    public func post(after delay: Duration, _ body: @escaping @Sendable () -> Void) {
        queue.asyncAfter(deadline: .now() + delay / .seconds(1), execute: body)
    }

    /// Runs `body` on this lane whenever `descriptor` has something to read, until the watch is
    /// cancelled.
    public func watch(
        _ descriptor: Int32, _ body: @escaping @Sendable () -> Void
    ) -> DescriptorWatch {
        DescriptorWatch(descriptor, on: queue, body)
    }

    /// Runs a blocking call on this lane and suspends the caller until it returns.
    public func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }
}
