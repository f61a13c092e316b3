public import struct Foundation.Date

/// An event that had been set aside was sent through again, and its service has handled it.
public struct DeadLetterResolved: EventData {
    public static let kind = EventKind.deadLetterResolved
    public var pipeline: String
    public var dataset: String
    /// The service that had set it aside.
    public var service: String
    /// The letter's id: the event's, where it has one.
    public var letter: String
    /// How often it had been sent through again by then.
    public var replays: Int
    public var resolvedAt: Date

    public init(
        pipeline: String, dataset: String, service: String, letter: String, replays: Int,
        resolvedAt: Date = Date()
    ) {
        self.pipeline = pipeline
        self.dataset = dataset
        self.service = service
        self.letter = letter
        self.replays = replays
        self.resolvedAt = resolvedAt
    }

    public var subject: String { dataset }
}
