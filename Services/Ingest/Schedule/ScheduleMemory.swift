import Events
import Foundation
import Pipelines

/// What the scheduler knows of one pipeline: kept in the lake, for whoever schedules next.
struct ScheduleMemory: Codable, Sendable, Equatable {
    /// The trigger that the rest is about; another one begins anew.
    var trigger: Trigger
    /// Due times up to this one are dealt with.
    var last: Date

    /// A due time that is said.
    struct Due: Equatable {
        let time: Date
        let cause: RunDue.Cause
    }

    /// Later than that a due time was missed.
    static let grace: TimeInterval = 60

    /// What is to be said now, in order; the memory then counts it as dealt with.
    mutating func take(now: Date) -> [Due] {
        guard let next = trigger.next(after: last), next <= now else { return [] }
        switch trigger.catchUp {
        case .all:
            // One after the other, unless they may overlap.
            last = next
            return [due(next, now)]
        case .latest, .none:
            let newest = trigger.latest(after: last, upTo: now) ?? next
            last = newest
            let due = due(newest, now)
            return due.cause == .catchUp && trigger.catchUp == .none ? [] : [due]
        }
    }

    private func due(_ time: Date, _ now: Date) -> Due {
        let isLate = now.timeIntervalSince(time) > Self.grace
        return Due(time: time, cause: isLate ? .catchUp : .schedule)
    }
}
