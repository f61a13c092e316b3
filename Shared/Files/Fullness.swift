import Synchronization

/// Remembers for a while that a disk was found full.
///
/// A probe of some bytes may fit where the work does not: without this, what waits for room would
/// be tried again and again until its attempts are used up.
public final class Fullness: Sendable {
    private let memory: Duration
    private let until = Mutex<ContinuousClock.Instant?>(nil)

    /// - Parameter memory: How long a disk that was full counts as full; then it is tried again.
    public init(memory: Duration = .seconds(10)) {
        self.memory = memory
    }

    /// A write has just failed because there was no room.
    public func note() {
        until.withLock { $0 = .now + memory }
    }

    /// True when a write failed so a short time ago.
    public var isRecent: Bool {
        until.withLock { $0.map { .now < $0 } ?? false }
    }
}
