public import struct Foundation.Date

/// The table of a dataset has got other columns because a batch asked for them.
public struct SchemaChanged: EventData {
    public static let kind = EventKind.schemaChanged
    public var pipeline: String
    public var revision: String
    public var dataset: String
    /// Counts up from 1 with each change of the table.
    public var version: Int
    /// One sentence for each column.
    public var changes: [String]
    /// True where a column that people may use has another type now.
    public var changesTypes: Bool
    public var batch: ULID
    /// The name of the object that brought the first of them.
    public var object: String?
    public var changedAt: Date

    public init(
        pipeline: String, revision: String, dataset: String, version: Int, changes: [String],
        changesTypes: Bool, batch: ULID, object: String?, changedAt: Date
    ) {
        self.pipeline = pipeline
        self.revision = revision
        self.dataset = dataset
        self.version = version
        self.changes = changes
        self.changesTypes = changesTypes
        self.batch = batch
        self.object = object
        self.changedAt = changedAt
    }

    public var subject: String { dataset }
}
