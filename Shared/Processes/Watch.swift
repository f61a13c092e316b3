import Glibc

/// Waits for the end of a child and reads its captured output meanwhile.
struct Watch: ~Copyable {
    let id: pid_t

    private let ended: Descriptor
    private var wake: Descriptor
    private var output: Capture
    private var errorOutput: Capture
    private let grace: Duration
    private let clock = ContinuousClock()
    /// When the next signal is due, and which.
    private var deadline: ContinuousClock.Instant?
    private var isTerminating = false
    private var isOverTime = false

    init(
        id: pid_t, command: Command, ended: consuming Descriptor, wake: consuming Descriptor,
        output: consuming Capture, errorOutput: consuming Capture
    ) {
        self.id = id
        self.ended = ended
        self.wake = wake
        self.output = output
        self.errorOutput = errorOutput
        grace = command.stopGrace
        deadline = command.timeLimit.map { clock.now + $0 }
    }

    /// Returns when the child has ended, by itself or because it was stopped.
    mutating func untilEnd(signal: (Int32) -> Void) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 1)
        defer { buffer.deallocate() }
        while true {
            var watched = [ended.raw, wake.raw, output.raw, errorOutput.raw].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            poll(&watched, nfds_t(watched.count), millisecondsLeft)
            output.drain(buffer)
            errorOutput.drain(buffer)
            if watched[0].revents != 0 {
                // What was written between the two: it is in the pipes now.
                output.drain(buffer)
                errorOutput.drain(buffer)
                return
            }
            if watched[1].revents != 0 {
                wake.end()
                if !isTerminating { terminate(signal) }
            } else if let deadline, clock.now >= deadline {
                isTerminating ? insist(signal) : expire(signal)
            }
        }
    }

    /// What is known after the end.
    consuming func result(_ ending: ProcessResult.Ending) -> ProcessResult {
        let isOverTime = isOverTime
        let isCut = output.isCut
        return ProcessResult(
            ending: ending, output: output.finish(), errorOutput: errorOutput.finish(),
            isOutputCut: isCut, isOverTime: isOverTime)
    }

    private var millisecondsLeft: Int32 {
        guard let deadline else { return -1 }
        let left = max(.zero, deadline - clock.now) / .milliseconds(1)
        return Int32(min(left.rounded(.up), 1e9))
    }

    private mutating func expire(_ signal: (Int32) -> Void) {
        isOverTime = true
        terminate(signal)
    }

    private mutating func terminate(_ signal: (Int32) -> Void) {
        isTerminating = true
        deadline = clock.now + grace
        signal(SIGTERM)
    }

    private mutating func insist(_ signal: (Int32) -> Void) {
        deadline = nil
        signal(SIGKILL)
    }
}
