/// One of the queues that hold a message for a while.
///
/// Levels are fixed, because messages leave a queue in order: one with a short delay would wait
/// behind one with a long delay.
public struct DelayLevel: Sendable, Hashable, Comparable {
    /// The longest that a message stays.
    public let seconds: Int

    /// The exchange to publish to, and its queue.
    public var name: String { "millrace.delay.\(seconds)s" }

    /// Every level, shortest first. None is above two minutes: so long may a person wait to hear
    /// that something is wrong.
    public static let all = [1, 2, 4, 8, 15, 30, 60, 120].map(DelayLevel.init(seconds:))

    /// The shortest level that holds a message at least as long as `delay`; the longest of all
    /// when none does.
    public static func holding(_ delay: Duration) -> DelayLevel {
        all.first { .seconds($0.seconds) >= delay } ?? all[all.count - 1]
    }

    /// How long one message shall stay: up to a fifth less than the level, never less than the
    /// level below, so that what failed together does not come back together.
    func expirationMilliseconds(using generator: inout some RandomNumberGenerator) -> Int {
        let below = Self.all.last { $0 < self }?.seconds ?? 0
        let shortest = max(below * 1000 + 1, seconds * 800)
        return Int.random(in: shortest...(seconds * 1000), using: &generator)
    }

    public static func < (left: DelayLevel, right: DelayLevel) -> Bool {
        left.seconds < right.seconds
    }
}
