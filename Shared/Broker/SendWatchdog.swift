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
    /// How often it looks within the limit.
    private static let looks = 4

    private let limit: Duration
    private let descriptor: Int32
    /// Counts the beginnings and the ends of calls: odd while one is under way. A clock would cost
    /// more than most calls do.
    private let turns = Atomic<Int>(0)
    private let last = Mutex((turn: 0, looks: 0))
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
        let pause = DispatchTimeInterval.milliseconds(Int(limit / .milliseconds(1)) / Self.looks)
        timer.source.schedule(deadline: .now() + pause, repeating: pause, leeway: pause)
        timer.source.resume()
    }

    /// Runs a call that must not last longer than the limit.
    func guarding<Value>(_ call: () -> Value) -> Value {
        turns.add(1, ordering: .relaxed)
        defer { turns.add(1, ordering: .relaxed) }
        return call()
    }

    private func look() {
        let turn = turns.load(ordering: .relaxed)
        let isStuck = last.withLock { last in
            let isSame = last.turn == turn && !turn.isMultiple(of: 2)
            last = (turn, isSame ? last.looks + 1 : 0)
            return last.looks >= Self.looks
        }
        if isStuck { shutdown(descriptor, Int32(SHUT_RDWR)) }
    }

    /// Safe to send: a source may be set up and cancelled from any thread, and only `start` and
    /// `deinit` do it, which cannot overlap.
    private struct Timer: @unchecked Sendable {
        let source: any DispatchSourceTimer
        init(_ source: any DispatchSourceTimer) { self.source = source }
    }
}
