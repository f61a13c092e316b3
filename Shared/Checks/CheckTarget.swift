public import Pipelines
import Postgres

/// A table that checks look at: a batch's staging table, a dataset's table or a model's.
public struct CheckTarget: Sendable {
    public let pipeline: Pipeline
    /// The dataset or model.
    public let name: String
    /// As it stands in SQL.
    public let table: String
    /// The columns that name a row, for samples.
    public let key: [String]
    /// A batch's rows, not published yet, or all that readers see.
    public let scope: Check.Scope
    /// Records that the source has delivered for the batch at hand; nil where the ledger knows.
    public let records: Int?
    /// Columns that tell of persons: no sample shows them.
    let personal: Set<String>
    /// The only columns that samples of written SQL show; nil for all but the personal ones.
    let shown: Set<String>?

    /// A dataset's table, or the staging table of one of its batches.
    ///
    /// - Parameter records: Those that the batch was read from.
    public init(
        _ dataset: Dataset, of pipeline: Pipeline, staging: String? = nil, records: Int? = nil
    ) {
        self.pipeline = pipeline
        name = dataset.name
        let stagingTable = staging.map { "millrace_staging.\(quotedIdentifier($0))" }
        table = stagingTable ?? pipeline.qualifiedTable(dataset.name)
        key = dataset.load.key
        scope = staging == nil ? .table : .batch
        self.records = records
        let personal = Set(dataset.columns.filter { $0.personal != nil }.map(\.name))
        self.personal = personal
        // Written SQL can give a column another name.
        shown =
            dataset.isPersonal
            ? Set(dataset.columns.map(\.name)).subtracting(personal) : nil
    }

    /// A model's table.
    public init(_ model: Model, of pipeline: Pipeline) {
        self.pipeline = pipeline
        name = model.name
        table = pipeline.qualifiedTable(model.name)
        key = model.key
        scope = .table
        records = nil
        personal = Set(
            pipeline.datasets.flatMap(\.columns).filter { $0.personal != nil }.map(\.name))
        shown = nil
    }

    /// `pipeline.table`, for people.
    public var title: String { "\(pipeline.name).\(name)" }
}
