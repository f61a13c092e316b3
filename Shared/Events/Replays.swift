public import struct Foundation.Date

/// Where a replay begins.
public enum ReplayStage: String, Codable, Sendable, CaseIterable {
    /// From the raw objects.
    case transform
    /// From the typed rows that the batch has in the processed zone.
    case load
}

/// What makes a batch an earlier one that is run again: its objects are those of the earlier, and
/// what they gave then gives way to what they give now.
public struct Replay: Codable, Sendable, Equatable {
    /// The batch that was asked for, what that one was a replay of, and so on back to the first,
    /// whose raw objects they all read.
    public var chain: [ULID]
    public var from: ReplayStage

    /// - Precondition: `chain` is not empty.
    public init(of chain: [ULID], from stage: ReplayStage) {
        precondition(!chain.isEmpty, "a replay is one of a batch")
        self.chain = chain
        from = stage
    }

    /// The batch that was asked for.
    public var of: ULID { chain[0] }
    /// The batch that claimed the raw objects.
    public var origin: ULID { chain[chain.count - 1] }
}

/// Somebody wants a batch to be run again, as a new batch.
public struct ReplayRequested: EventData {
    public static let kind = EventKind.replayRequested
    public var pipeline: String
    public var dataset: String
    /// The new batch.
    public var batch: ULID
    /// The batch that is run again.
    public var of: ULID
    public var from: ReplayStage
    /// The revision that treats the new batch.
    public var revision: String
    public var requestedAt: Date

    public init(
        pipeline: String, dataset: String, batch: ULID, of earlier: ULID, from stage: ReplayStage,
        revision: String, requestedAt: Date
    ) {
        self.pipeline = pipeline
        self.dataset = dataset
        self.batch = batch
        of = earlier
        from = stage
        self.revision = revision
        self.requestedAt = requestedAt
    }

    public var subject: String { dataset }
    /// The id of the event that says it.
    public var eventID: String { "\(batch).replay" }
}
