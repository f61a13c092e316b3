/// What an event states: `<entity>.<verb>`.
///
/// A kind that this release does not know can still be read, so that it can be set aside whole.
public struct EventKind: RawRepresentable, Hashable, Sendable, Codable {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public static let segmentCaptured = EventKind(rawValue: "segment.captured")
    public static let objectLanded = EventKind(rawValue: "object.landed")
    public static let batchTransformed = EventKind(rawValue: "batch.transformed")
    public static let batchStaged = EventKind(rawValue: "batch.staged")
    public static let batchApproved = EventKind(rawValue: "batch.approved")
    public static let batchRefused = EventKind(rawValue: "batch.refused")
    public static let batchPublished = EventKind(rawValue: "batch.published")
    public static let modelRefreshed = EventKind(rawValue: "model.refreshed")
    public static let schemaChanged = EventKind(rawValue: "schema.changed")
    public static let replayRequested = EventKind(rawValue: "replay.requested")
    public static let runDue = EventKind(rawValue: "run.due")
    public static let alertRaised = EventKind(rawValue: "alert.raised")
    public static let alertResolved = EventKind(rawValue: "alert.resolved")
    public static let deadLetterResolved = EventKind(rawValue: "dead_letter.resolved")
    public static let deliverySent = EventKind(rawValue: "delivery.sent")
    public static let deliveryFailed = EventKind(rawValue: "delivery.failed")

    /// By their types: to take a text apart costs more than to find it.
    private static let known = Dictionary(
        uniqueKeysWithValues: [
            segmentCaptured, objectLanded, batchTransformed, batchStaged, batchApproved,
            batchRefused, batchPublished, modelRefreshed, schemaChanged, replayRequested, runDue,
            alertRaised, alertResolved, deadLetterResolved, deliverySent, deliveryFailed,
        ].map { ($0.cloudEventType, $0) })

    /// The CloudEvents type: `io.millrace.<entity>.<verb>.v1`.
    public var cloudEventType: String { "io.millrace.\(rawValue).v1" }

    /// Reads a CloudEvents type; nil when it is not one of Millrace's, version 1.
    public init?(cloudEventType: String) {
        if let known = Self.known[cloudEventType] {
            self = known
            return
        }
        let prefix = "io.millrace."
        let suffix = ".v1"
        guard cloudEventType.hasPrefix(prefix), cloudEventType.hasSuffix(suffix) else {
            return nil
        }
        self.init(
            rawValue: String(cloudEventType.dropFirst(prefix.count).dropLast(suffix.count)))
    }
}
