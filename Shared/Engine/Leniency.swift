import Pipelines

/// What becomes of a value that does not fit its column, where it is not a fault of its record.
struct Leniency {
    /// SQL over the value's text (`v3`) and the field's (`r3`): what to know of such a value. Nil
    /// where it is a fault.
    let note: String?

    /// SQL that says that a value is a fault.
    let fault: String

    init(of index: Int, in job: TransformJob) {
        let (column, dataset) = (job.dataset.columns[index], job.dataset)
        let isNeeded = column.isRequired || dataset.load.key.contains(column.name)
        switch dataset.contract.changedTypes {
        case .discardValue where !isNeeded && column.type != .text:
            note = "left(r\(index), 60)"
        case .evolve:
            note = Self.nearestType(index, column, dataset.widerTypes(of: column))
        default: note = nil
        }
        let misfit = "v\(index) IS NOT NULL AND t\(index) IS NULL"
        fault = misfit + (note.map { " AND (\($0)) IS NULL" } ?? "")
    }

    /// The name of the first wider type that has the value.
    private static func nearestType(
        _ index: Int, _ column: Column, _ wider: [ColumnType]
    ) -> String? {
        guard !wider.isEmpty else { return nil }
        let cases = wider.map { type -> String in
            var column = column
            column.type = type
            let value = DuckDBCast(column: column).value(of: "v\(index)")
            return type == .text
                ? "WHEN true THEN 'text'" : "WHEN (\(value)) IS NOT NULL THEN '\(type.rawValue)'"
        }
        return "CASE \(cases.joined(separator: " ")) END"
    }
}
