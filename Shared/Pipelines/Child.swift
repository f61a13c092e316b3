/// An array inside of each JSON record that becomes a table of its own, beside its dataset's: a row
/// for each element, with what names the record, `_position` (from 1) and the columns.
public struct Child: Codable, Sendable, Equatable {
    public var name: String
    /// The keys that lead to the array from the record on, with dots between them.
    public var path: String
    /// Their fields are those of an element, where elements are objects.
    public var columns: [Column]
    /// Elements are plain values: each is the value of the one column.
    public var isPlain: Bool
    /// Fields of elements that are known and never taken: `personal: drop`.
    public var dropped: [String]?

    public init(
        name: String, path: String, columns: [Column], isPlain: Bool, dropped: [String]? = nil
    ) {
        self.name = name
        self.path = path
        self.columns = columns
        self.isPlain = isPlain
        self.dropped = dropped
    }

    /// The column of a dataset's rows, in the lake and in staging, that holds the elements.
    public var holder: String { "_child_\(name)" }

    /// A field of an element as messages name it: `items[].sku`, or `tags[]`.
    public func field(_ column: Column) -> String {
        isPlain ? "\(path)[]" : "\(path)[].\(column.field)"
    }

    /// Where an element stands in its array, counted from 1.
    public static let position = Column(
        name: "_position", field: "_position", type: .bigint, isRequired: true)
    /// Where a record stands in its object, counted from 1: what names a record that has no key.
    public static let record = Column(
        name: "_record", field: "_record", type: .bigint, isRequired: true)
}

extension Dataset {
    /// The columns of its records, and behind them those of their elements, with the fields as
    /// messages name them.
    public var allColumns: [Column] {
        columns
            + childTables.flatMap { child in
                child.columns.map { column in
                    var column = column
                    column.field = child.field(column)
                    return column
                }
            }
    }

    /// True for a column of its records that rows are told apart by, which an element's is not.
    public func isOfKey(_ column: Column) -> Bool {
        load.key.contains(column.name) && columns.contains { $0.field == column.field }
    }

    /// None where it says nothing of any.
    public var childTables: [Child] { children ?? [] }

    /// True where rows have the column `_record`, since nothing else tells which children are
    /// whose.
    public var numbersRecords: Bool { !childTables.isEmpty && load.key.isEmpty }

    /// A child's table, as if it were one of a dataset.
    public func table(of child: Child) -> Dataset {
        let link = numbersRecords ? [Child.record] : load.key.compactMap(column)
        let key = numbersRecords ? ["_source_id", Child.record.name] : load.key
        return Dataset(
            name: "\(name)_\(child.name)", source: source, format: format,
            columns: link + [Child.position] + child.columns, contract: contract, transform: nil,
            load: Load(mode: .merge, key: key + [Child.position.name], newestBy: nil), checks: [])
    }

    /// The tables of its children, as if they were datasets.
    public var tablesOfChildren: [Dataset] { childTables.map(table) }
}

extension Pipeline {
    /// The dataset whose child has that table, and the child.
    public func child(_ table: String) -> (dataset: Dataset, child: Child)? {
        for dataset in datasets {
            for child in dataset.childTables where "\(dataset.name)_\(child.name)" == table {
                return (dataset, child)
            }
        }
        return nil
    }

    /// The dataset of that name, or the child's table as if it were one.
    public func table(_ name: String) -> Dataset? {
        dataset(name) ?? child(name).map { $0.dataset.table(of: $0.child) }
    }

    /// The dataset of that name, or the one whose child has a table of that name.
    public func owner(of table: String) -> Dataset? { dataset(table) ?? child(table)?.dataset }
}
