public import struct Foundation.Date

/// A segment is on the disk of a host's spool.
public struct SegmentCaptured: EventData {
    public static let kind = EventKind.segmentCaptured
    public var pipeline: String
    public var revision: String
    public var dataset: String
    public var segment: ULID
    /// The host whose spool holds it; only that host's lander can take it.
    public var host: String
    /// The name that the records came under, e.g. the file's; it ends up in the object's key.
    public var name: String
    public var bytes: Int
    /// Lower-case hexadecimal.
    public var sha256: String
    public var times: StepTimes

    public init(
        pipeline: String, revision: String, dataset: String, segment: ULID, host: String,
        name: String, bytes: Int, sha256: String, times: StepTimes
    ) {
        self.pipeline = pipeline
        self.revision = revision
        self.dataset = dataset
        self.segment = segment
        self.host = host
        self.name = name
        self.bytes = bytes
        self.sha256 = sha256
        self.times = times
    }

    public var subject: String { dataset }
}

/// An object is in the landing zone, whole.
public struct ObjectLanded: EventData {
    public static let kind = EventKind.objectLanded
    public var pipeline: String
    public var revision: String
    public var dataset: String
    /// Its key in the lake.
    public var object: String
    public var bytes: Int
    /// Nil where somebody else put it there and nobody has read it yet.
    public var sha256: String?
    public var times: StepTimes

    public init(
        pipeline: String, revision: String, dataset: String, object: String, bytes: Int,
        sha256: String?, times: StepTimes
    ) {
        self.pipeline = pipeline
        self.revision = revision
        self.dataset = dataset
        self.object = object
        self.bytes = bytes
        self.sha256 = sha256
        self.times = times
    }

    public var subject: String { dataset }
}

/// One of the landing objects of a batch, and what the transformer found in it.
public struct BatchObject: Codable, Sendable, Equatable {
    /// `<ulid>-<name>`: the last part of its keys, the same in landing and working zone.
    public var name: String
    public var bytes: Int
    public var sha256: String?
    /// `published` is zero: that is known only after the publish.
    public var counts: Counts
    /// Why the whole object was refused, where it was.
    public var refusal: String?
    /// The kind of that, a reason of rejects; nil also where an earlier release refused it.
    public var refusalReason: String?
    /// What the dataset's contract has let pass, a sentence each.
    public var notes: [String]?
    /// The counts of the elements of its records, by the child's name; nil without children.
    public var children: [String: Counts]?
    public var times: StepTimes

    public init(
        name: String, bytes: Int, sha256: String?, counts: Counts, refusal: String?,
        times: StepTimes, refusalReason: String? = nil, notes: [String]? = nil,
        children: [String: Counts]? = nil
    ) {
        self.name = name
        self.bytes = bytes
        self.sha256 = sha256
        self.counts = counts
        self.refusal = refusal
        self.times = times
        self.refusalReason = refusalReason
        self.notes = notes
        self.children = children
    }
}

/// The facts about a batch that every later event repeats.
public struct BatchFacts: Codable, Sendable, Equatable {
    public var pipeline: String
    public var revision: String
    public var dataset: String
    public var batch: ULID
    public var objects: [BatchObject]
    /// Parquet with the typed rows, `_object` (the object's index in `objects`, from 0) and `_line`
    /// (where in it); nil when no row is left.
    public var processed: String?
    /// Parquet with the rejects; nil when there are none.
    public var rejects: String?
    public var times: StepTimes
    /// The columns of its Parquet that are not as the revision declares them.
    public var evolved: [EvolvedColumn]?
    /// Set where the batch is an earlier one, run again.
    public var replay: Replay?
    /// The time that it was due at, where a schedule or a person wanted it.
    public var due: Date?

    public init(
        pipeline: String, revision: String, dataset: String, batch: ULID,
        objects: [BatchObject], processed: String?, rejects: String?, times: StepTimes,
        evolved: [EvolvedColumn]? = nil,
        replay: Replay? = nil, due: Date? = nil
    ) {
        self.pipeline = pipeline
        self.revision = revision
        self.dataset = dataset
        self.batch = batch
        self.objects = objects
        self.processed = processed
        self.rejects = rejects
        self.times = times
        self.evolved = evolved
        self.replay = replay
        self.due = due
    }

    /// The sum over the objects.
    public var counts: Counts { objects.reduce(Counts()) { $0 + $1.counts } }
}

/// A batch is typed rows in the processed zone.
public struct BatchTransformed: EventData {
    public static let kind = EventKind.batchTransformed
    public var facts: BatchFacts

    public init(facts: BatchFacts) { self.facts = facts }

    public var pipeline: String { facts.pipeline }
    public var subject: String { facts.dataset }
}

/// A batch is in a staging table of its own.
public struct BatchStaged: EventData {
    public static let kind = EventKind.batchStaged
    public var facts: BatchFacts
    /// The staging table's name in the schema `millrace_staging`.
    public var table: String

    public init(facts: BatchFacts, table: String) {
        self.facts = facts
        self.table = table
    }

    public var pipeline: String { facts.pipeline }
    public var subject: String { facts.dataset }
}

/// Every blocking check of a staged batch has passed.
public struct BatchApproved: EventData {
    public static let kind = EventKind.batchApproved
    public var facts: BatchFacts
    public var table: String

    public init(facts: BatchFacts, table: String) {
        self.facts = facts
        self.table = table
    }

    public var pipeline: String { facts.pipeline }
    public var subject: String { facts.dataset }
}

/// A blocking check of a staged batch has failed: the target stays as it is.
public struct BatchRefused: EventData {
    public static let kind = EventKind.batchRefused
    public var facts: BatchFacts
    public var table: String
    /// One sentence for each failed check.
    public var reasons: [String]

    public init(facts: BatchFacts, table: String, reasons: [String]) {
        self.facts = facts
        self.table = table
        self.reasons = reasons
    }

    public var pipeline: String { facts.pipeline }
    public var subject: String { facts.dataset }
}

/// A batch is committed: readers see all of it.
public struct BatchPublished: EventData {
    public static let kind = EventKind.batchPublished
    public var facts: BatchFacts
    /// The final counts of the batch.
    public var counts: Counts

    public init(facts: BatchFacts, counts: Counts) {
        self.facts = facts
        self.counts = counts
    }

    public var pipeline: String { facts.pipeline }
    public var subject: String { facts.dataset }
}

/// A model was computed anew and has replaced its table.
public struct ModelRefreshed: EventData {
    public static let kind = EventKind.modelRefreshed
    public var pipeline: String
    public var revision: String
    public var model: String
    /// The batch whose publish was the reason.
    public var batch: ULID
    public var rows: Int
    public var milliseconds: Int

    public init(
        pipeline: String, revision: String, model: String, batch: ULID, rows: Int,
        milliseconds: Int
    ) {
        self.pipeline = pipeline
        self.revision = revision
        self.model = model
        self.batch = batch
        self.rows = rows
        self.milliseconds = milliseconds
    }

    public var subject: String { model }
}
