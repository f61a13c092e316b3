public import struct Foundation.Date

/// A run of a scheduled dataset is due: what lies in its landing zone is to be transformed.
public struct RunDue: EventData {
    public static let kind = EventKind.runDue

    /// Why it is due.
    public enum Cause: String, Codable, Sendable {
        case schedule
        /// Somebody asked for it.
        case manual
        /// Its time has passed while nobody could say so.
        case catchUp = "catch_up"
    }

    public var pipeline: String
    public var dataset: String
    /// The revision that treats what lies there.
    public var revision: String
    /// The time that the schedule names; two events of one due time are the same run.
    public var due: Date
    /// What landed later belongs to the next run.
    public var firedAt: Date
    public var cause: Cause

    public init(
        pipeline: String, dataset: String, revision: String, due: Date, firedAt: Date,
        cause: Cause
    ) {
        self.pipeline = pipeline
        self.dataset = dataset
        self.revision = revision
        self.due = due
        self.firedAt = firedAt
        self.cause = cause
    }

    public var subject: String { dataset }
    /// The id of the event that says it.
    public var eventID: String { "\(batch(0)).due" }

    /// The id of a batch of the run; there is more than one where much has landed. It follows from
    /// the dataset and the due time, so that a run that is said twice is one run.
    public func batch(_ number: Int) -> ULID {
        let milliseconds = Int((due.timeIntervalSince1970 * 1000).rounded())
        let name = "\(pipeline).\(dataset) \(milliseconds) \(number)"
        // Half a millisecond more or less must not make another time of it.
        let time = Date(timeIntervalSince1970: (Double(milliseconds) + 0.25) / 1000)
        return ULID(at: time, naming: name)
    }
}
