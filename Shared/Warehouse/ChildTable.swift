public import Pipelines

/// The table of the elements of an array in a dataset's records. Its rows have the `_source_id` of
/// the record's row, also where a newer record has taken that one's place: so it is known which are
/// of the record that the table has.
public struct ChildTable: Sendable, Equatable {
    /// The child's name.
    public let name: String
    /// The table as the pipeline wants it.
    public let schema: TableSchema
    /// The column of the record's rows, in the lake and in staging, that holds the elements.
    public let holder: String
    /// The columns that an element has of its own.
    public let columns: [Column]

    init(_ child: Child, of dataset: Dataset, in pipeline: Pipeline) {
        name = child.name
        schema = TableSchema(dataset.table(of: child), of: pipeline)
        holder = child.holder
        columns = child.columns
    }

    /// The columns that both tables have and that say whose an element is.
    public func link(to schema: TableSchema) -> [String] {
        schema.load.key.isEmpty
            ? [TableSchema.sourceColumn, Child.record.name] : schema.load.key
    }
}

extension TableSchema {
    /// The columns that hold the elements of its children, with the fields of an element.
    public var lists: [String: [String]] {
        Dictionary(
            children.map { ($0.holder, $0.columns.map(\.name)) }, uniquingKeysWith: { $1 })
    }
}
