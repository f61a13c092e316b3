public import Foundation

/// Until when new data must have come.
public enum Freshness: Codable, Sendable, Equatable {
    /// The newest value of a column is at most so old. A time without a zone is one of `timeZone`.
    case age(column: String, seconds: Int, timeZone: String)
    /// Something was published within so many seconds.
    case silence(seconds: Int)
    /// On each due day something was published between two times of the day.
    case deadline(Deadline)

    /// A time of the day by which something must have been published.
    public struct Deadline: Codable, Sendable, Equatable {
        /// When it is due, in the zone's own time.
        public var due: Cron
        public var timeZone: String
        /// How long before the due time a publish counts for it.
        public var windowSeconds: Int

        public init(due: Cron, timeZone: String, windowSeconds: Int) {
            self.due = due
            self.timeZone = timeZone
            self.windowSeconds = windowSeconds
        }

        /// The last due time after `start` and not after `end`; nil when there is none.
        public func latest(after start: Date, upTo end: Date) -> Date? {
            Trigger(.cron(due, timeZone: timeZone)).latest(after: start, upTo: end)
        }
    }
}
