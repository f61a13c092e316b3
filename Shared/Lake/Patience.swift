/// When a sweep tells of an object again: at once, and then after ever longer pauses, so that a
/// service that is away does not find a flood.
public struct Patience: Sendable {
    private struct Wait {
        var until: ContinuousClock.Instant
        var pause: Duration
        /// Since the last `forgetOthers`.
        var isMet = true
    }

    private let first: Duration
    private let longest: Duration
    private var waits: [String: Wait] = [:]

    /// - Parameters:
    ///   - first: The pause after the first time; each further one is twice as long.
    ///   - longest: The longest pause.
    public init(first: Duration = .seconds(60), longest: Duration = .seconds(3600)) {
        self.first = first
        self.longest = longest
    }

    /// True when it is time to tell of `key`, which is still there.
    public mutating func isDue(_ key: String, at now: ContinuousClock.Instant = .now) -> Bool {
        guard let wait = waits[key] else { return true }
        waits[key]?.isMet = true
        return now >= wait.until
    }

    /// `key` is told of: the next pause begins.
    public mutating func begin(_ key: String, at now: ContinuousClock.Instant = .now) {
        let pause = waits[key].map { min($0.pause * 2, longest) } ?? first
        waits[key] = Wait(until: now + pause, pause: pause)
    }

    /// Forgets what was not met since the last time.
    public mutating func forgetOthers() {
        waits = waits.filter { $0.value.isMet }
        for key in waits.keys { waits[key]?.isMet = false }
    }
}
