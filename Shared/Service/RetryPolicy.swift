import Broker
import Events

/// What becomes of an event that failed, as a rule without a broker.
struct RetryPolicy: Sendable, Equatable {
    /// What to do now.
    enum Verdict: Equatable {
        case retry(DelayLevel)
        case setAside(DeadReason)
    }

    /// The pauses between attempts; there is one attempt more than pauses.
    let delays: [Duration]

    var maximumAttempts: Int { delays.count + 1 }

    /// - Parameter attempt: The one that failed, from 1.
    func verdict(on disposition: Disposition, attempt: Int) -> Verdict {
        switch disposition {
        case .permanent: return .setAside(.permanent)
        case .poison: return .setAside(.poison)
        case .transient: return again(attempt, notBefore: .zero)
        case .throttled(let wish): return again(attempt, notBefore: wish)
        }
    }

    /// - Parameter pause: What the other side asked for; the longest level is the most it gets.
    private func again(_ attempt: Int, notBefore pause: Duration) -> Verdict {
        guard delays.indices.contains(attempt - 1) else { return .setAside(.failed) }
        return .retry(DelayLevel.holding(max(delays[attempt - 1], pause)))
    }
}
