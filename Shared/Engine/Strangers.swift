import Pipelines

/// The fields of one object that no column takes, and what the contract says of them.
struct Strangers {
    /// What holds them, for messages: `the header`, `the record`.
    let owner: String
    private let contract: Contract.NewColumns
    private let declared: [Column]
    private(set) var fields: [String] = []
    private var known: Set<String> = []

    /// As many are named; a message is for people.
    private static let shown = 20

    init(_ job: TransformJob, in owner: String) {
        self.owner = owner
        contract = job.dataset.contract.newColumns
        declared = Array(job.declared)
    }

    /// A field that no column takes.
    ///
    /// - Returns: Why its record cannot go on, where it cannot.
    mutating func meet(_ field: String) -> Refusal? {
        if fields.count <= Evolution.columnLimit, known.insert(field).inserted {
            fields.append(field)
        }
        switch contract {
        case .freeze, .discardValue: return nil
        case .discardRow, .evolve: return refusal([field])
        }
    }

    /// Why the object cannot be read as the dataset.
    var refusal: Refusal? {
        contract == .freeze && !fields.isEmpty ? refusal(fields) : nil
    }

    /// What is said of an object that goes on without them.
    var note: String? {
        guard contract == .discardValue, !fields.isEmpty else { return nil }
        return "left out, since no column takes it: \(list(fields) { _ in nil })"
    }

    private func refusal(_ fields: [String]) -> Refusal {
        let taken = declared.map(\.field)
        let words = list(fields) { field in
            if contract == .evolve { return obstacle(field) }
            return Spelling.nearest(to: field, among: taken).map { "the nearest is `\($0)`" }
        }
        let sentence =
            fields.count == 1
            ? "\(words), which is no field of the dataset"
            : "\(fields.count) fields that are none of the dataset: \(words)"
        let fix = "add a column for \(fields.count == 1 ? "it" : "each"), or set `contract`"
        return Refusal(
            .unknownColumn, field: fields.first, "\(owner) has \(sentence); \(fix)")
    }

    /// Why a field cannot become a column.
    private func obstacle(_ field: String) -> String {
        let name = ColumnName.of(field: field)
        if let column = declared.first(where: { $0.name == name }) {
            return "the column `\(name)` takes the field `\(column.field)`"
        }
        return "there are more than \(Evolution.columnLimit) columns"
    }

    private func list(_ fields: [String], _ aside: (String) -> String?) -> String {
        let all = fields.prefix(Self.shown).map { field in
            Rejection.quoted(field) + (aside(field).map { " (\($0))" } ?? "")
        }
        let rest = fields.count - all.count
        return all.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }
}
