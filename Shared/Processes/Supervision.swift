import CLinux
import Dispatch
import Glibc
import Synchronization

/// The life of one child on one thread: made, watched and reaped there.
///
/// The thread is held until the child's end because the kernel ties the orphan signal to it.
final class Supervision: Sendable {
    /// Our ends of the pipes that the owner may take.
    let pipes = Mutex(ChildStreams.OurEnds())

    private let command: Command
    private let queue: DispatchQueue
    private let state = Mutex(State())

    private struct State: ~Copyable {
        /// Nil before the start and once the child is reaped.
        var id: pid_t?
        /// Written to when a stop is wanted.
        var wake = Descriptor()
        var isStopWanted = false
        var result: ProcessResult?
        var waiting: [CheckedContinuation<ProcessResult, Never>] = []
    }

    init(_ command: Command) {
        self.command = command
        queue = DispatchQueue(label: "millrace.process")
    }

    /// Starts the child and leaves the thread watching it.
    func begin() async throws -> pid_t {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { self.live(continuation) }
        }
    }

    /// Suspends until the child has ended.
    func ended() async -> ProcessResult {
        await withCheckedContinuation { continuation in
            let result = state.withLock { state -> ProcessResult? in
                if state.result == nil { state.waiting.append(continuation) }
                return state.result
            }
            if let result { continuation.resume(returning: result) }
        }
    }

    /// Makes the watching thread stop the child.
    func requestStop() {
        state.withLock { state in
            guard state.result == nil, !state.isStopWanted else { return }
            state.isStopWanted = true
            // One byte into an empty pipe neither fails nor blocks.
            _ = write(state.wake.raw, [1], 1)
        }
    }

    /// Sends a signal to the group.
    func signal(_ number: Int32) {
        // Under the lock the child is not reaped, so its id cannot name a stranger.
        state.withLock { state in
            if let id = state.id { _ = kill(-id, number) }
        }
    }

    private func live(_ started: CheckedContinuation<pid_t, any Error>) {
        var watch: Watch
        do {
            watch = try launch()
        } catch {
            started.resume(throwing: error)
            return
        }
        started.resume(returning: watch.id)
        watch.untilEnd(signal: signal)
        let ending = reap(watch.id)
        let result = watch.result(ending)
        let waiting = state.withLock { state in
            state.result = result
            return state.waiting
        }
        waiting.forEach { $0.resume(returning: result) }
    }

    private func launch() throws(ProcessError) -> Watch {
        var streams = try ChildStreams(command)
        var wake = Descriptor()
        var wakeEnd = Descriptor()
        try Descriptor.pipe(&wakeEnd, &wake)
        let id = try Spawn.start(command, streams)
        let ended = pidfd_open(id, 0)
        guard ended >= 0 else {
            let error = ProcessError(errorNumber: errno, doing: "cannot watch process \(id)")
            kill(-id, SIGKILL)
            _ = reap(id)
            throw error
        }
        let output = Capture(command.output, &streams.ours.output)
        let errorOutput = Capture(command.errorOutput, &streams.ours.errorOutput)
        state.withLock { state in
            state.id = id
            state.wake = wake.move()
        }
        pipes.withLock { pipes in
            pipes.input = streams.ours.input.move()
            pipes.output = streams.ours.output.move()
            pipes.errorOutput = streams.ours.errorOutput.move()
        }
        return Watch(
            id: id, command: command, ended: Descriptor(owning: ended), wake: wakeEnd,
            output: output, errorOutput: errorOutput)
    }

    /// Takes the ended child off the system's table, and what is left of its group with it.
    private func reap(_ id: pid_t) -> ProcessResult.Ending {
        state.withLock { state in
            if command.orphanSignal != nil { kill(-id, SIGKILL) }
            state.id = nil
            state.wake.end()
            var status: Int32 = 0
            while waitpid(id, &status, 0) < 0 && errno == EINTR {}
            let signal = status & 0x7F
            return signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(signal: signal)
        }
    }
}
