public import Foundation

/// When what has landed for a pipeline is transformed, where that is not at once: a run is then
/// what lies in the landing zone at a due time.
public struct Trigger: Codable, Sendable, Equatable {
    /// What names the due times.
    public enum When: Codable, Sendable, Equatable {
        /// Five cron fields in the zone's own time.
        case cron(Cron, timeZone: String)
        /// The multiples of a period since 1970-01-01 00:00 UTC.
        case every(seconds: Int)
    }

    /// What becomes of due times that passed while nobody could say so, or while a run was in
    /// flight.
    public enum CatchUp: String, Codable, Sendable, CaseIterable {
        /// One run for each, in order.
        case all
        /// One run for the last of them.
        case latest
        case none
    }

    public var when: When
    public var catchUp: CatchUp
    /// Whether a run may begin while another of the pipeline is in flight.
    public var overlap: Bool

    public init(_ when: When, catchUp: CatchUp = .latest, overlap: Bool = false) {
        self.when = when
        self.catchUp = catchUp
        self.overlap = overlap
    }

    /// The first due time after a moment; nil when there is none.
    public func next(after moment: Date) -> Date? {
        switch when {
        case .every(let seconds):
            let period = Double(seconds)
            let count = (moment.timeIntervalSince1970 / period).rounded(.down) + 1
            return Date(timeIntervalSince1970: count * period)
        case .cron(let cron, let name):
            return TimeZone(identifier: name).flatMap { cron.next(after: moment, in: $0) }
        }
    }

    /// The last due time after `start` and not after `end`; nil when there is none between.
    public func latest(after start: Date, upTo end: Date) -> Date? {
        // Most often the last hour has one; going through years of minutes would take long.
        for window in [3_600.0, 86_400, 40 * 86_400, .infinity] {
            let begin = max(start, end.addingTimeInterval(-window))
            var last: Date?
            var next = next(after: begin)
            while let due = next, due <= end {
                last = due
                next = self.next(after: due)
            }
            if let last { return last }
            if begin == start { return nil }
        }
        return nil
    }
}
