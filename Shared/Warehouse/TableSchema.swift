public import Pipelines

/// The table of a dataset as the pipeline wants it.
public struct TableSchema: Sendable, Equatable {
    /// The column that says which ledger row each row came from.
    public static let sourceColumn = "_source_id"
    /// The column of a staging table that says which object of the batch each row came from.
    public static let objectColumn = "_object"

    public var table: TableName
    public var columns: [Column]
    public var load: Load

    public init(table: TableName, columns: [Column], load: Load) {
        self.table = table
        self.columns = columns
        self.load = load
    }

    /// The table of `dataset` in its pipeline's schema.
    public init(_ dataset: Dataset, of pipeline: Pipeline) {
        self.init(
            table: TableName(pipeline.schema, dataset.name), columns: dataset.columns,
            load: dataset.load)
    }
}
