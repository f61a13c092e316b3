/// Growing pauses between tries of the same thing, with jitter so that many do not come at once.
public struct Backoff: Sendable {
    private let base: Duration
    private let cap: Duration
    private var failures = 0

    /// - Parameters:
    ///   - base: The longest first pause.
    ///   - cap: The longest pause of all.
    public init(from base: Duration, upTo cap: Duration) {
        self.base = base
        self.cap = cap
    }

    /// The pause before the next try: random between half and all of the doubling step.
    public mutating func next() -> Duration {
        let doubled = base * (1 << min(failures, 20))
        failures += 1
        return min(doubled, cap) * Double.random(in: 0.5...1)
    }

    /// Forgets the failures after a success.
    public mutating func reset() {
        failures = 0
    }
}
