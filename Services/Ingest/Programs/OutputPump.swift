import Events
import Glibc
import Synchronization

/// Hands on what a program prints while it prints it. It blocks: for a lane.
final class OutputPump: Sendable {
    typealias Take = @Sendable (UnsafeRawBufferPointer) throws -> Void

    /// How long what a dead program's children hold open is still read.
    private static let patience = Duration.seconds(5)
    private let isOver = Mutex(false)

    /// Says that the program has ended.
    func programEnded() { isOver.withLock { $0 = true } }

    /// Reads until the end of a pipe, and closes it.
    func pump(_ descriptor: Int32, into take: Take) throws {
        defer { close(descriptor) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 1)
        defer { buffer.deallocate() }
        var end: ContinuousClock.Instant?
        while true {
            if end == nil, isOver.withLock({ $0 }) { end = .now + Self.patience }
            if let end, .now > end {
                throw PollFailure(
                    .transient, "program.left_open",
                    "it has ended, and a process that it left behind keeps its output open")
            }
            var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&watched, 1, 200) > 0 else { continue }
            let count = read(descriptor, buffer.baseAddress, buffer.count)
            if count == 0 { return }
            if count > 0 {
                try take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            } else if errno != EINTR && errno != EAGAIN {
                throw PollFailure(
                    .transient, "program.unreadable",
                    "its output cannot be read: \(String(cString: strerror(errno)))")
            }
        }
    }
}
