/// Lets so many requests through in a second, and tells the others how long to wait.
///
/// It is a token bucket, kept as the time at which the bucket will be full again.
struct RequestBucket: Sendable {
    /// How long it takes to get a token.
    let interval: Duration
    /// How many tokens there may be.
    let burst: Int
    private var full: Duration = .zero

    init(perSecond: Double, burst: Int) {
        interval = .seconds(1 / perSecond)
        self.burst = burst
    }

    /// Takes a token.
    ///
    /// - Parameter now: Since the start; never goes back.
    /// - Returns: Nil when there was one, else the time until there will be.
    mutating func take(at now: Duration) -> Duration? {
        let begin = max(full, now)
        let room = interval * (burst - 1) + Self.jitter
        guard begin - now <= room else { return begin - now - interval * (burst - 1) }
        full = begin + interval
        return nil
    }

    /// A client that keeps the pace may arrive a little early now and then: its requests take
    /// different times on their way. It adds up to no more than that.
    static let jitter = Duration.milliseconds(100)
}
