import Events
import Pipelines

/// How the columns of a job differ from the declared ones. `TransformJob.dataset` has them all:
/// the declared ones first, then the new ones, which are texts until their type is known.
struct Evolution: Sendable {
    /// A column for fields that no declared one takes.
    struct NewColumn: Sendable {
        /// The first object that has it.
        var object: Int
    }

    /// A declared column that is read as another type.
    struct Widening: Sendable {
        var declared: ColumnType
        /// The first object that asks for it.
        var object: Int
    }

    /// In the order of the columns.
    var new: [NewColumn] = []
    /// By the column's index.
    var widened: [Int: Widening] = [:]

    /// Beyond it, names are data: no table takes as many columns.
    static let columnLimit = 1_000
}

extension TransformJob {
    /// The declared columns.
    var declared: ArraySlice<Column> { dataset.columns.dropLast(evolution.new.count) }
    /// The columns that fields without one have become.
    var newColumns: ArraySlice<Column> { dataset.columns.suffix(evolution.new.count) }

    /// Adds a column for each of these fields, unless it has one, or can have none.
    mutating func add(_ fields: [String], of object: Int) {
        let dropped = dataset.dropped ?? []
        for field in fields where column(forStranger: field) == nil && !dropped.contains(field) {
            let name = ColumnName.of(field: field)
            let isFree = !dataset.columns.contains { $0.name == name }
            guard !field.isEmpty, isFree, dataset.columns.count < Evolution.columnLimit else {
                continue
            }
            dataset.columns.append(
                Column(
                    name: name, field: field, type: .text, isOptional: true,
                    nulls: dataset.contract.nulls))
            evolution.new.append(Evolution.NewColumn(object: object))
        }
    }

    /// The index of the new column that a field goes to.
    func column(forStranger field: String) -> Int? {
        guard !evolution.new.isEmpty else { return nil }
        let name = ColumnName.of(field: field)
        return newColumns.firstIndex { $0.name == name }
    }

    /// Reads a declared column as another type from now on.
    mutating func widen(_ index: Int, to type: ColumnType, for object: Int) {
        let declared = evolution.widened[index]?.declared ?? dataset.columns[index].type
        evolution.widened[index] = Evolution.Widening(declared: declared, object: object)
        dataset.columns[index].type = type
    }

    /// What is to be said of the columns.
    ///
    /// - Parameter types: Of the new columns by their index; none for one without a value.
    func evolved(_ types: [Int: ColumnType]) -> [EvolvedColumn] {
        let widened = evolution.widened.sorted { $0.key < $1.key }.map { index, widening in
            evolved(index, dataset.columns[index].type, isNew: false, widening.object)
        }
        let new = zip(newColumns.indices, evolution.new).map { index, new in
            evolved(index, types[index], isNew: true, new.object)
        }
        return widened + new
    }

    private func evolved(
        _ index: Int, _ type: ColumnType?, isNew: Bool, _ object: Int
    ) -> EvolvedColumn {
        let column = dataset.columns[index]
        return EvolvedColumn(
            name: column.name, field: column.field, type: type?.rawValue, isNew: isNew,
            object: objects[object].name)
    }
}
