public import Events
import Synchronization

/// A publisher in memory: it keeps what was said, for tests of those who say it.
public final class RecordingPublisher: EventPublisher {
    private struct State {
        var events: [Event] = []
        var failure: (any ClassifiedError)?
    }

    private let state = Mutex(State())

    public init() {}

    /// Everything said so far, in order, repetitions included.
    public var events: [Event] { state.withLock { $0.events } }

    /// The events of one kind.
    public func events(of kind: EventKind) -> [Event] { events.filter { $0.kind == kind } }

    /// From now on each publish throws `error`; nil ends that.
    public func fail(with error: (any ClassifiedError)?) {
        state.withLock { $0.failure = error }
    }

    public func publish(_ events: [Event]) async throws {
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            state.events += events
        }
    }
}
