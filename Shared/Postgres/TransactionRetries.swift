import Events
import Lanes

/// How often, and how soon, a transaction is tried again after a failure that passes by itself.
public struct TransactionRetries: Sendable {
    /// After a deadlock or a serialization failure.
    private var conflicts = 10
    /// After a connection that broke. A server that is away is another's business: readiness.
    private var breaks = 2
    /// Behind whoever has a lock: as long as a long publish may take.
    private let patience: Duration
    private let began = ContinuousClock.now
    private var backoff = Backoff(from: .milliseconds(100), upTo: .seconds(5))

    /// - Parameter patience: How long locks may be waited for in all.
    public init(patience: Duration = .seconds(900)) {
        self.patience = patience
    }

    /// The pause before the next try; nil when there is none.
    mutating func pause(after error: PostgresError) -> Duration? {
        guard isWorthwhile(error) else { return nil }
        return backoff.next()
    }

    private mutating func isWorthwhile(_ error: PostgresError) -> Bool {
        switch (error.kind, error.sqlState?.prefix(2)) {
        case (.refused, "40"):
            conflicts -= 1
            return conflicts >= 0
        case (.refused, "55") where error.disposition == .transient:
            return began.duration(to: .now) < patience
        case (.unreachable, _):
            breaks -= 1
            return breaks >= 0
        default: return false
        }
    }
}
