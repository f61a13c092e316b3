import Glibc
import Synchronization

/// A running program of ours: its own process group, supervised on a lane of its own until it has
/// ended, stopped by SIGTERM and then SIGKILL, gone when this process is gone.
public final class ChildProcess: Sendable {
    /// The process id, which is also the id of its group. Dead ids are used again by the system:
    /// send signals through `signal(_:)`.
    public let id: Int32

    private let supervision: Supervision

    private init(_ supervision: Supervision, id: Int32) {
        self.supervision = supervision
        self.id = id
    }

    /// Starts a program and returns once it runs.
    ///
    /// - Throws: `ProcessError` when it cannot be started.
    public static func start(_ command: Command) async throws -> ChildProcess {
        let supervision = Supervision(command)
        let id = try await supervision.begin()
        return ChildProcess(supervision, id: id)
    }

    /// Waits for the end. When the waiting task is cancelled, the child is stopped first.
    ///
    /// - Throws: `CancellationError` after the child of a cancelled task has ended.
    public func wait() async throws -> ProcessResult {
        let result = await withTaskCancellationHandler {
            await supervision.ended()
        } onCancel: {
            supervision.requestStop()
        }
        try Task.checkCancellation()
        return result
    }

    /// Asks the group to end (SIGTERM), insists after the command's `stopGrace` (SIGKILL), and
    /// returns when it has ended; at once when it had.
    public func stop() async -> ProcessResult {
        supervision.requestStop()
        return await supervision.ended()
    }

    /// Sends a signal to the whole group. Does nothing when the child has ended.
    public func signal(_ number: Int32) {
        supervision.signal(number)
    }

    /// The end that writes to the child, once, where the command says `.pipe`. The caller closes
    /// it.
    public func takeInput() -> Int32? { supervision.pipes.withLock { $0.input.take() } }

    /// The end that reads the child's output, once, where the command says `.pipe`. The caller
    /// closes it.
    public func takeOutput() -> Int32? {
        supervision.pipes.withLock { $0.output.take() }
    }

    /// The end that reads the child's errors, once, where the command says `.pipe`. The caller
    /// closes it.
    public func takeErrorOutput() -> Int32? {
        supervision.pipes.withLock { $0.errorOutput.take() }
    }
}

/// Runs a program to its end.
///
/// - Throws: `ProcessError` when it cannot be started; `CancellationError` after it was stopped
///   because the task was cancelled. A failure of the program is no error: see `ending`.
public func run(_ command: Command) async throws -> ProcessResult {
    try await ChildProcess.start(command).wait()
}
