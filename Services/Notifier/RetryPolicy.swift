/// When a delivery is tried again.
struct RetryPolicy: Sendable {
    /// Before the second try, the third, …: one less than there are tries.
    let delays: [Duration]

    /// The pause after the attempt of that number; nil after the last one.
    ///
    /// A pause that the other side asks for counts between the planned one and twice that.
    /// - Parameter jitter: From -1 to 1; spreads deliveries that failed together.
    func pause(afterAttempt attempt: Int, asked: Duration?, jitter: Double) -> Duration? {
        guard attempt >= 1, attempt <= delays.count else { return nil }
        let planned = delays[attempt - 1]
        if let asked { return min(max(asked, planned), planned * 2) }
        return planned * (1 + 0.2 * jitter)
    }
}
