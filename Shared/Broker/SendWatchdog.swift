import Dispatch
import Glibc
import Synchronization

/// Frees a call of the C library that is stuck in a send.
///
/// A broker under a resource alarm, or a network that swallows packets, leaves `send` waiting
/// without end, whatever time-outs the socket has. Shutting the socket down from another thread
/// is the one thing that makes the call return. The watchdog has its own duplicate of the
/// descriptor, so it can never hit a socket that got the same number later.
final class SendWatchdog: Sendable {
    private let limit: Duration
    private let descriptor: Int32
    private let began = Mutex<ContinuousClock.Instant?>(nil)
    private let timer: Timer

    /// - Parameter descriptor: The socket; it is duplicated.
    init(over descriptor: Int32, limit: Duration) {
        self.limit = limit
        self.descriptor = dup(descriptor)
        timer = Timer(
            DispatchSource.makeTimerSource(queue: DispatchQueue(label: "millrace.watchdog")))
    }

    deinit {
        timer.source.cancel()
        close(descriptor)
    }

    /// Starts watching.
    func start() {
        timer.source.setEventHandler { @Sendable [weak self] in self?.look() }
        let pause = DispatchTimeInterval.milliseconds(Int(limit / .milliseconds(4)))
        timer.source.schedule(deadline: .now() + pause, repeating: pause, leeway: pause)
        timer.source.resume()
    }

    /// Runs a call that must not last longer than the limit.
    func guarding<Value>(_ call: () -> Value) -> Value {
        began.withLock { $0 = .now }
        defer { began.withLock { $0 = nil } }
        return call()
    }

    private func look() {
        let isStuck = began.withLock { $0.map { $0.duration(to: .now) > limit } ?? false }
        if isStuck { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    /// Safe to send: a source may be set up and cancelled from any thread, and only `start` and
    /// `deinit` do it, which cannot overlap.
    private struct Timer: @unchecked Sendable {
        let source: any DispatchSourceTimer
        init(_ source: any DispatchSourceTimer) { self.source = source }
    }
}
