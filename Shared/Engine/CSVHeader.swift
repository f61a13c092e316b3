import Pipelines

/// The header of a CSV object and what it means for the columns of a dataset.
struct CSVHeader: Sendable, Equatable {
    /// The names in the object's order.
    var names: [String]
    /// For each column of the dataset the field that it is read from; nil where there is none.
    var positions: [Int?]

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

    /// Finds the dataset's fields in the header, in whatever order they stand.
    ///
    /// - Throws: `Refusal`: the object as a whole cannot be read as this dataset.
    init(names: [String], for dataset: Dataset) throws(Refusal) {
        self.names = names
        let fields = Set(dataset.columns.map(\.field) + (dataset.dropped ?? []))
        try Self.refuseTwins(in: names, of: fields, dataset.unknownFields)
        if dataset.unknownFields == .refuse { try Self.refuseStrangers(in: names, fields) }
        positions = dataset.columns.map { names.firstIndex(of: $0.field) }
        let missing = zip(dataset.columns, positions)
            .filter { $1 == nil && !$0.isOptional }.map(\.0.field)
        if let first = missing.first {
            throw Refusal(
                .missingColumn, field: first, Self.sentence(missing: missing, among: names))
        }
    }

    private static func refuseTwins(
        in names: [String], of fields: Set<String>, _ unknown: UnknownFields
    ) throws(Refusal) {
        var seen: [String: Int] = [:]
        for (index, name) in names.enumerated() where unknown == .refuse || fields.contains(name) {
            if let first = seen.updateValue(index, forKey: name) {
                throw Refusal(
                    .malformed, field: name,
                    "the header has \(Rejection.quoted(name)) twice, as field \(first + 1) and "
                        + "field \(index + 1); give each field a name of its own")
            }
        }
    }

    private static func refuseStrangers(
        in names: [String], _ fields: Set<String>
    ) throws(Refusal) {
        guard let index = names.firstIndex(where: { !fields.contains($0) }) else { return }
        let name = names[index]
        guard !name.isEmpty else {
            throw Refusal(
                .unknownColumn,
                "field \(index + 1) of the header has no name; name it, or set "
                    + "`unknown_fields: ignore`")
        }
        let near = Spelling.nearest(to: name, among: fields.subtracting(names).sorted())
        throw Refusal(
            .unknownColumn, field: name,
            "the header has \(Rejection.quoted(name)), which is no field of the dataset"
                + (near.map { " (the nearest is `\($0)`)" } ?? "")
                + "; add a column for it, or set `unknown_fields: ignore`")
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
