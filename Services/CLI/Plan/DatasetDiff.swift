import Pipelines

/// What two versions of a dataset differ in.
struct DatasetDiff {
    private let before: Dataset
    private let after: Dataset
    private let name: String

    init(_ before: Dataset, _ after: Dataset, _ pipeline: Pipeline) {
        self.before = before
        self.after = after
        name = "\(pipeline.name).\(after.name)"
    }

    func changes() -> [PlanChange] {
        var changes = columns() + load()
        if before.source != after.source {
            changes.append(change("source", before.source.text + " -> " + after.source.text))
        }
        if before.transform != after.transform || before.format != after.format {
            changes.append(
                change(
                    before.transform != after.transform ? "transform" : "format",
                    "", "holds for what comes from now on"))
        }
        changes += CheckDiff(before.checks, after.checks, of: name).changes()
        if changes.isEmpty, before != after { changes.append(change("reading", "its settings")) }
        return changes
    }

    private func columns() -> [PlanChange] {
        let removed = before.columns.filter { after.column($0.name) == nil }.map { column in
            PlanChange(
                area: "column", kind: .remove, subject: "\(name).\(column.name)",
                detail: column.type.rawValue,
                effect: "stays in the table; new rows have null there", weight: .destructive)
        }
        return removed
            + after.columns.compactMap { column in
                guard let old = before.column(column.name) else {
                    return PlanChange(
                        area: "column", kind: .add, subject: "\(name).\(column.name)",
                        detail: column.type.rawValue,
                        effect: "added to the table, null in the rows that are there")
                }
                if old == column { return nil }
                let isType = old.type != column.type
                return PlanChange(
                    area: "column", kind: .change, subject: "\(name).\(column.name)",
                    detail: isType
                        ? "\(old.type.rawValue) -> \(column.type.rawValue)" : "its rules",
                    effect: isType ? "" : "holds for what comes from now on")
            }
    }

    private func load() -> [PlanChange] {
        guard before.load != after.load else { return [] }
        let isOfKey = before.load.mode != after.load.mode || before.load.key != after.load.key
        return [
            PlanChange(
                area: "load", kind: .change, subject: name,
                detail: "\(before.load.text) -> \(after.load.text)", effect: "",
                weight: isOfKey ? .destructive : .plain)
        ]
    }

    private func change(_ area: String, _ detail: String, _ effect: String = "") -> PlanChange {
        PlanChange(area: area, kind: .change, subject: name, detail: detail, effect: effect)
    }
}

extension Source {
    /// For people.
    fileprivate var text: String {
        switch self {
        case .files(let files): "files \(files.path)/\(files.patterns.joined(separator: ","))"
        }
    }
}
