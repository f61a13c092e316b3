import Lanes

/// Notices that everything fails, and then lets one event at a time find out whether that is over.
///
/// One event that fails while others succeed is its own fault and uses up its attempts. Several
/// different ones in a row mean that something is wrong which no readiness check sees: then their
/// failures are not theirs, and are spared.
///
/// A value with rules and no clock or broker of its own, so that tests can drive it.
struct CircuitBreaker: Sendable {
    typealias Instant = ContinuousClock.Instant

    enum State: Equatable {
        /// All is well.
        case closed
        /// No event is taken until then.
        case open(until: Instant)
        /// One event may try.
        case probing
    }

    private(set) var state = State.closed
    /// So many different events in a row open it.
    private let limit: Int
    private var pauses: Backoff
    private var failed: Set<String> = []

    /// - Parameter pauses: From the opening, or a probe that failed, to the next probe.
    init(limit: Int, pauses: Backoff) {
        self.limit = limit
        self.pauses = pauses
    }

    /// An event was handled. Whichever it was, things work again.
    mutating func succeeded() {
        state = .closed
        failed = []
        pauses.reset()
    }

    /// An event failed with an error that may pass.
    ///
    /// - Returns: True when the failure shall not use up one of the event's attempts.
    mutating func failed(_ id: String, at now: Instant) -> Bool {
        switch state {
        case .closed:
            failed.insert(id)
            guard failed.count >= limit else { return false }
            state = .open(until: now + pauses.next())
        case .open: break  // it was in hand before
        case .probing: state = .open(until: now + pauses.next())
        }
        return true
    }

    /// Time has passed. A failure that would come again proves nothing about the rest, so after it
    /// the next event may probe at once.
    mutating func look(at now: Instant) {
        if case .open(let end) = state, now >= end { state = .probing }
    }
}
