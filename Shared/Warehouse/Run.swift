public import Events
public import Foundation

/// How far a batch has come.
public enum RunState: String, Codable, Sendable, CaseIterable {
    case transformed, staged, approved, published, refused, failed

    /// True when nothing more will happen by itself.
    public var isFinal: Bool { self == .published || self == .refused || self == .failed }
}

/// The story of one batch, as the table `millrace.runs` tells it.
public struct Run: Codable, Sendable, Equatable {
    public var batch: ULID
    public var pipeline: String
    public var dataset: String
    public var revision: String
    public var state: RunState
    /// How many landing objects it is made of.
    public var objects: Int
    /// `published` is zero until it is published.
    public var counts: Counts
    /// When each step was done: the first of its objects arrived, the last had the later ones.
    public var times: StepTimes
    /// Why it was refused, or failed.
    public var reasons: [String]
    /// The key of its Parquet in the lake; nil when no row was left.
    public var processed: String?
    public var startedAt: Date
    public var updatedAt: Date
    /// The run that this one is a replay of.
    public var replayOf: ULID?

    public init(
        batch: ULID, pipeline: String, dataset: String, revision: String, state: RunState,
        objects: Int, counts: Counts, times: StepTimes, reasons: [String], processed: String?,
        startedAt: Date, updatedAt: Date, replayOf: ULID? = nil
    ) {
        self.batch = batch
        self.pipeline = pipeline
        self.dataset = dataset
        self.revision = revision
        self.state = state
        self.objects = objects
        self.counts = counts
        self.times = times
        self.reasons = reasons
        self.processed = processed
        self.startedAt = startedAt
        self.updatedAt = updatedAt
        self.replayOf = replayOf
    }

    /// The run that a batch's facts tell of.
    public init(_ facts: BatchFacts, state: RunState, counts: Counts, reasons: [String] = []) {
        let times = facts.waterfall
        let now = Date()
        self.init(
            batch: facts.batch, pipeline: facts.pipeline, dataset: facts.dataset,
            revision: facts.revision, state: state, objects: facts.objects.count, counts: counts,
            times: times, reasons: reasons, processed: facts.processed,
            startedAt: times.values.min() ?? now, updatedAt: now, replayOf: facts.replay?.of)
    }
}

extension Run {
    /// The word for people: its state, or `rejected` where it is published and none of its records
    /// could go on.
    public var outcome: String {
        isRejected ? "rejected" : state.rawValue
    }

    /// True when it came to its end, but with nothing but rejects.
    public var isRejected: Bool { state == .published && counts.isAllRejected }
}

extension BatchFacts {
    /// When the first object arrived, and when the last of them had each later step behind it.
    public var waterfall: StepTimes {
        objects.map(\.times).reduce(times) { all, own in
            all.merging(own) { $0 > $1 ? $0 : $1 }
        }.merging(arrival) { _, first in first }
    }

    private var arrival: StepTimes {
        let all = objects.compactMap { $0.times[.arrived] } + [times[.arrived]].compactMap { $0 }
        return all.min().map { [.arrived: $0] } ?? [:]
    }
}
