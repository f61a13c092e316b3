public import Events
public import Foundation

/// Captured records on the disk of this host, whole and durable.
public struct Segment: Sendable, Equatable {
    public let facts: SegmentCaptured
    /// Where its bytes are.
    public let path: String

    public var id: ULID { facts.segment }

    /// The event that tells of it: the same id whenever it is told.
    ///
    /// - Parameter source: `/millrace/<service>/<host>`.
    public func event(from source: String) throws -> Event {
        try Event(facts, id: facts.segment.description, from: source)
    }
}

/// What the writer of a segment knows before it has read a byte.
public struct SegmentLabel: Sendable, Equatable {
    public var pipeline: String
    public var revision: String
    public var dataset: String
    /// The host whose spool this is.
    public var host: String
    /// The name that the records came under.
    public var name: String
    /// When they were there; nil means the file's modification time.
    public var arrivedAt: Date?

    public init(
        pipeline: String, revision: String, dataset: String, host: String, name: String,
        arrivedAt: Date? = nil
    ) {
        self.pipeline = pipeline
        self.revision = revision
        self.dataset = dataset
        self.host = host
        self.name = name
        self.arrivedAt = arrivedAt
    }

    /// The facts of a segment that is durable now.
    func facts(_ id: ULID, bytes: Int, sha256: String, modifiedAt: Date) -> SegmentCaptured {
        let now = Date()
        return SegmentCaptured(
            pipeline: pipeline, revision: revision, dataset: dataset, segment: id, host: host,
            name: name, bytes: bytes, sha256: sha256,
            times: [.arrived: min(arrivedAt ?? modifiedAt, now), .captured: now])
    }
}
