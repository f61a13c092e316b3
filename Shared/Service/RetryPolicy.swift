import Broker
import Events

/// What becomes of an event that failed, as a rule without a broker.
struct RetryPolicy: Sendable, Equatable {
    /// What to do now.
    enum Verdict: Equatable {
        case retry(DelayLevel)
        /// Again, as the same attempt: everything fails, so it is not the event's fault.
        case spare(DelayLevel)
        case setAside(DeadReason)
    }

    /// The pauses between attempts; there is one attempt more than pauses.
    let delays: [Duration]

    var maximumAttempts: Int { delays.count + 1 }

    /// So often may an event fail as one of many. When few events come, each of them bad in its own
    /// way, nothing tells that from a fault of the whole; then this ends it.
    static let mostSpared = 20

    /// - Parameters:
    ///   - attempt: The one that failed, from 1.
    ///   - isSpared: True when others fail, too, and none succeeds.
    func verdict(on disposition: Disposition, attempt: Int, isSpared: Bool = false) -> Verdict {
        switch disposition {
        case .permanent: .setAside(.permanent)
        case .poison: .setAside(.poison)
        case .transient: again(attempt, isSpared, notBefore: .zero)
        case .throttled(let wish): again(attempt, isSpared, notBefore: wish)
        }
    }

    /// - Parameter wish: What the other side asked for; the longest level is the most it gets.
    private func again(_ attempt: Int, _ isSpared: Bool, notBefore wish: Duration) -> Verdict {
        if delays.indices.contains(attempt - 1) {
            let level = DelayLevel.holding(max(delays[attempt - 1], wish))
            return isSpared ? .spare(level) : .retry(level)
        }
        guard isSpared else { return .setAside(.failed) }
        return .spare(DelayLevel.holding(max(delays.last ?? .zero, wish)))
    }
}
