public import Pipelines

/// What an engine is to do with the objects of one batch.
public struct TransformJob: Sendable {
    public var dataset: Dataset
    /// In the order in which they landed: on a tie of versions, the later one wins.
    public var objects: [InputObject]
    /// Where the typed rows go: a path for a Parquet file.
    public var processed: String
    /// Where the rejects go: a path for a Parquet file.
    public var rejects: String
    /// A folder of the job's own, there and empty; the caller deletes it afterwards.
    public var scratch: String
    /// What its dataset has beside the declared columns.
    var evolution = Evolution()

    public init(
        dataset: Dataset, objects: [InputObject], processed: String, rejects: String,
        scratch: String
    ) {
        self.dataset = dataset
        self.objects = objects
        self.processed = processed
        self.rejects = rejects
        self.scratch = scratch
    }
}

/// One raw object of a batch.
public struct InputObject: Sendable, Equatable {
    /// Its own name, for messages and for `Format.byName`.
    public var name: String
    /// As the lake names it: an absolute path, or a URL that the engine reads.
    public var location: String
    /// When set, the object is not read but refused with these words.
    public var refusal: String?

    public init(name: String, location: String, refusal: String? = nil) {
        self.name = name
        self.location = location
        self.refusal = refusal
    }
}
