/// When the sweep tells of an object again: at once, after a minute, and then after ever longer
/// pauses, so that a transformer that is away does not find a flood.
struct Patience {
    private struct Wait {
        var until: ContinuousClock.Instant
        var pause: Duration
    }

    private static let longest = Duration.seconds(3600)
    private var waits: [String: Wait] = [:]

    /// True when it is time to tell of `key`; the next pause begins then.
    mutating func isDue(_ key: String, at now: ContinuousClock.Instant = .now) -> Bool {
        let wait = waits[key]
        if let wait, now < wait.until { return false }
        let pause = wait.map { min($0.pause * 2, Self.longest) } ?? .seconds(60)
        waits[key] = Wait(until: now + pause, pause: pause)
        return true
    }

    /// Forgets what is not there any more.
    mutating func keep(_ keys: Set<String>) {
        waits = waits.filter { keys.contains($0.key) }
    }
}
