public import Events
public import Pipelines

/// The table of a dataset as the pipeline wants it.
public struct TableSchema: Sendable, Equatable {
    /// The column that says which ledger row each row came from.
    public static let sourceColumn = "_source_id"
    /// The column of a staging table that says which object of the batch each row came from.
    public static let objectColumn = "_object"
    /// The column of a staging table that says where in its object each row was.
    public static let lineColumn = "_line"
    /// The columns that a table with history has for each version: since when it holds, until when
    /// (null while it does), and whether it does.
    public static let historyColumns = ["_valid_from", "_valid_to", "_is_current"]

    public var table: TableName
    public var columns: [Column]
    public var load: Load
    /// The columns that are not as the pipeline declares them, by name.
    public private(set) var evolved: [String: EvolvedColumn] = [:]
    /// Whether the table's columns may be of wider types than the pipeline declares.
    public private(set) var mayBeWider = false
    /// The rows come a second time: they do not win against rows of objects that were published
    /// after theirs, where nothing else says what is newer.
    public var isReplay = false
    /// The tables of the arrays in its records.
    public private(set) var children: [ChildTable] = []

    public init(table: TableName, columns: [Column], load: Load) {
        self.table = table
        self.columns = columns
        self.load = load
    }

    /// The table of `dataset` in its pipeline's schema.
    ///
    /// - Parameter evolved: How the columns of a batch differ from the declared ones.
    public init(_ dataset: Dataset, of pipeline: Pipeline, evolved: [EvolvedColumn] = []) {
        self.init(
            table: TableName(pipeline.schema, dataset.name),
            columns: dataset.columns + (dataset.numbersRecords ? [Child.record] : []),
            load: dataset.load)
        children = dataset.childTables.map { ChildTable($0, of: dataset, in: pipeline) }
        mayBeWider = dataset.contract.changedTypes == .evolve
        for column in evolved {
            self.evolved[column.name] = column
            let type = column.type.flatMap(ColumnType.init) ?? .text
            if let index = columns.firstIndex(where: { $0.name == column.name }) {
                columns[index].type = type
            } else {
                columns.append(Column(name: column.name, field: column.field, type: type))
            }
        }
    }

    /// True for a column that only data has asked for.
    func isNew(_ column: String) -> Bool { evolved[column]?.isNew == true }

    /// True for a column that no value of the batch says the type of.
    func isVoid(_ column: String) -> Bool {
        evolved[column].map { $0.type == nil } ?? false
    }

    /// The columns that name one row of the table.
    public var primaryKey: [String] {
        switch load.mode {
        case .append: []
        case .merge, .replace: load.key
        case .scd2: load.key + ["_valid_from"]
        }
    }

    /// What the table alone cannot know, beside it: the keys that were deleted and since when, or
    /// at which times a version was seen again. Nil where the load needs none.
    public var companion: TableName? {
        if load.deleteWhen != nil { return TableName(table.schema, "_deleted_\(table.name)") }
        if load.mode == .scd2 { return TableName(table.schema, "_seen_\(table.name)") }
        return nil
    }
}
