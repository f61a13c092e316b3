import Pipelines
import Postgres

/// A table that checks look at: a batch's staging table, a dataset's table or a model's.
struct CheckTarget: Sendable {
    let pipeline: Pipeline
    /// The dataset or model.
    let name: String
    /// As it stands in SQL.
    let table: String
    /// The columns that name a row, for samples.
    let key: [String]
    /// True where the rows are not published yet.
    let isStaging: Bool

    /// A dataset's table, or the staging table of one of its batches.
    init(_ dataset: Dataset, of pipeline: Pipeline, staging: String? = nil) {
        self.pipeline = pipeline
        name = dataset.name
        let stagingTable = staging.map { "millrace_staging.\(quotedIdentifier($0))" }
        table = stagingTable ?? pipeline.qualifiedTable(dataset.name)
        key = dataset.load.key
        isStaging = staging != nil
    }

    /// A model's table.
    init(_ model: Model, of pipeline: Pipeline) {
        self.pipeline = pipeline
        name = model.name
        table = pipeline.qualifiedTable(model.name)
        key = model.key
        isStaging = false
    }

    /// `pipeline.table`, for people.
    var title: String { "\(pipeline.name).\(name)" }
}
