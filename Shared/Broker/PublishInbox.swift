import Dispatch
import Synchronization

/// Takes calls from any task in the publisher's place and ends those whose time is over.
///
/// The publisher's lane may be stuck for seconds with a broker that does not answer; its callers
/// must neither wait for that nor cross to the lane one by one.
final class PublishInbox: Sendable {
    private struct State {
        var postings: [(call: PublishCall, postings: [Posting])] = []
        /// Every call that may still be open, by deadline: all have the same patience.
        var calls = Deque<PublishCall>()
        var isClosed = false
    }

    private let state = Mutex(State())
    private let timer: Timer
    /// What a call gets whose time is over.
    private let overdue: @Sendable () -> BrokerError

    init(patience: Duration, overdue: @escaping @Sendable () -> BrokerError) {
        self.overdue = overdue
        timer = Timer(
            DispatchSource.makeTimerSource(queue: DispatchQueue(label: "millrace.patience")))
        let tick = max(20, Int(patience / .milliseconds(20)))
        let pause = DispatchTimeInterval.milliseconds(tick)
        timer.source.setEventHandler { @Sendable [weak self] in self?.endOverdue() }
        timer.source.schedule(deadline: .now() + pause, repeating: pause, leeway: pause)
        timer.source.resume()
    }

    deinit {
        timer.source.cancel()
    }

    /// Takes a call in.
    ///
    /// - Returns: True when the lane must be told, since nothing else is waiting for it.
    func add(_ postings: [Posting], for call: PublishCall) -> Bool {
        let (isFirst, isClosed) = state.withLock { state in
            guard !state.isClosed else { return (false, true) }
            while state.calls.first?.isOver == true { _ = state.calls.popFirst() }
            state.calls.append(call)
            state.postings.append((call, postings))
            return (state.postings.count == 1, false)
        }
        if isClosed { call.end(Self.stopped) }
        return isFirst
    }

    /// What has come since the last time.
    func takeAll() -> [(call: PublishCall, postings: [Posting])] {
        state.withLock { state in
            defer { state.postings = [] }
            return state.postings
        }
    }

    func open() {
        state.withLock { $0.isClosed = false }
    }

    /// Nothing will be sent any more: all calls end, and those to come.
    func close() {
        let calls = state.withLock { state in
            state.isClosed = true
            state.postings = []
            defer { state.calls.removeAll() }
            return state.calls.elements
        }
        for call in calls { call.end(Self.stopped) }
    }

    private static let stopped = BrokerError(
        .unreachable, during: "publish", "the publisher has stopped")

    private func endOverdue() {
        let now = ContinuousClock.now
        let over = state.withLock { state in
            var over: [PublishCall] = []
            while let call = state.calls.first, call.isOver || call.deadline <= now {
                if let call = state.calls.popFirst() { over.append(call) }
            }
            return over
        }
        guard !over.isEmpty else { return }
        let error = overdue()
        for call in over { call.end(error) }
    }

    /// Safe to send: a source may be set up and cancelled from any thread, and only `init` and
    /// `deinit` do it, which cannot overlap.
    private struct Timer: @unchecked Sendable {
        let source: any DispatchSourceTimer
        init(_ source: any DispatchSourceTimer) { self.source = source }
    }
}
