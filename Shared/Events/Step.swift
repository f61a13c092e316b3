public import struct Foundation.Date

/// The steps on the way from a source to a reader, in their order.
public enum Step: String, Codable, Sendable, CaseIterable, CodingKeyRepresentable {
    /// The file or the reply was there (the file's modification time, at most now).
    case arrived
    /// Its records were on ingest's disk.
    case captured
    /// Its object was in the landing zone.
    case landed
    /// A transformer had claimed it.
    case claimed
    case transformed
    case staged
    case approved
    /// The publish transaction was committed: readers see it.
    case published
}

/// When each step was done; an event carries those of the steps before it.
public typealias StepTimes = [Step: Date]
