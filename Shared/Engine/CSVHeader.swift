import Pipelines

/// The header of a CSV object and what it means for the columns of a dataset.
struct CSVHeader: Sendable, Equatable {
    /// The names in the object's order.
    var names: [String]
    /// For each column of the dataset the field that it is read from; nil where there is none.
    var positions: [Int?]
    /// Fields that may have no value.
    var forbidden: [Int] = []
    /// What the contract lets pass, for people.
    var notes: [String] = []

    /// What is wrong with a record that is the header: somebody has put files together.
    static let again = "the header stands here again"

    /// For each of the dataset's columns that the object has, in the dataset's order, its name in
    /// the header. One name alone may well be a value.
    var repeated: [(column: Int, name: String)] {
        let found = positions.enumerated().compactMap { index, position in
            position.map { (index, names[$0]) }
        }
        return found.count > 1 ? found : []
    }

    /// Finds the job's fields in the header, in whatever order they stand.
    ///
    /// - Throws: `Refusal`: the object as a whole cannot be read as this dataset.
    init(names: [String], for job: TransformJob) throws(Refusal) {
        self.names = names
        let contract = job.dataset.contract
        let fields = Set(job.declared.map(\.field) + (job.dataset.dropped ?? []))
        let takesOnlyKnown = contract.newColumns == .discardValue
        try Self.refuseTwins(in: names) { !takesOnlyKnown || fields.contains($0) }
        positions = job.dataset.columns.map { names.firstIndex(of: $0.field) }
        try meetStrangers(fields, job)
        let missing = zip(job.declared, positions).filter { $1 == nil && !$0.isOptional }
            .map(\.0.field)
        guard let first = missing.first else { return }
        let sentence = Self.sentence(missing: missing, among: names)
        guard contract.missingColumns == .evolve else {
            throw Refusal(.missingColumn, field: first, sentence)
        }
        notes.append(sentence + "; null for its records")
    }

    private mutating func meetStrangers(
        _ fields: Set<String>, _ job: TransformJob
    ) throws(Refusal) {
        var strangers = Strangers(job, in: "the header")
        for (index, name) in names.enumerated() where !fields.contains(name) {
            try Self.refuseNameless(name, index, job.dataset.contract.newColumns)
            if let column = job.column(forStranger: name) {
                if let other = positions[column], other != index {
                    throw Refusal(
                        .malformed, field: name,
                        "the header has \(Rejection.quoted(names[other])) and "
                            + "\(Rejection.quoted(name)), which are one column, "
                            + "`\(job.dataset.columns[column].name)`; declare one of them")
                }
                positions[column] = index
            } else if let refusal = strangers.meet(name) {
                guard job.dataset.contract.newColumns == .discardRow else { throw refusal }
                forbidden.append(index)
            }
        }
        if let refusal = strangers.refusal { throw refusal }
        if let note = strangers.note { notes.append(note) }
    }

    private static func refuseTwins(
        in names: [String], _ counts: (String) -> Bool
    ) throws(Refusal) {
        var seen: [String: Int] = [:]
        for (index, name) in names.enumerated() where counts(name) {
            if let first = seen.updateValue(index, forKey: name) {
                throw Refusal(
                    .malformed, field: name,
                    "the header has \(Rejection.quoted(name)) twice, as field \(first + 1) and "
                        + "field \(index + 1); give each field a name of its own")
            }
        }
    }

    private static func refuseNameless(
        _ name: String, _ index: Int, _ contract: Contract.NewColumns
    ) throws(Refusal) {
        guard name.isEmpty, contract == .freeze || contract == .evolve else { return }
        throw Refusal(
            .unknownColumn,
            "field \(index + 1) of the header has no name; name it, or set "
                + "`contract: {new_columns: discard_value}`")
    }

    private static func sentence(missing: [String], among names: [String]) -> String {
        let all = missing.map { name -> String in
            let near = Spelling.nearest(to: name, among: names)
            return "`\(name)`" + (near.map { " (the nearest is \(Rejection.quoted($0)))" } ?? "")
        }
        return "the header lacks \(all.joined(separator: ", "))"
    }
}

/// Why an object as a whole cannot be read.
struct Refusal: Error, Sendable, Equatable {
    var reason: RejectReason
    var field: String?
    var message: String

    /// The same with more words at its end.
    func hinting(at words: String?) -> Refusal {
        var refusal = self
        refusal.message += words ?? ""
        return refusal
    }

    init(_ reason: RejectReason, field: String? = nil, _ message: String) {
        self.reason = reason
        self.field = field
        self.message = message
    }
}
