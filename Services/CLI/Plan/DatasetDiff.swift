import Pipelines

/// What two versions of a dataset differ in.
struct DatasetDiff {
    private let before: Dataset
    private let after: Dataset
    /// The pipeline's name.
    private let owner: String
    private var name: String { "\(owner).\(after.name)" }

    init(_ before: Dataset, _ after: Dataset, owner: String) {
        self.before = before
        self.after = after
        self.owner = owner
    }

    func changes() -> [PlanChange] {
        var changes = columns() + load() + children()
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

    private func children() -> [PlanChange] {
        let removed = before.tablesOfChildren.filter { old in
            !after.tablesOfChildren.contains { $0.name == old.name }
        }
        func change(
            _ kind: PlanChange.Kind, _ table: Dataset, _ effect: String,
            _ weight: PlanChange.Weight = .plain
        ) -> PlanChange {
            PlanChange(
                area: "child", kind: kind, subject: "\(owner).\(table.name)",
                detail: "\(TimeText.count(table.columns.count, "column"))", effect: effect,
                weight: weight)
        }
        let gone = removed.map {
            change(.remove, $0, "its table stays, nothing writes to it any more", .destructive)
        }
        return gone
            + zip(after.childTables, after.tablesOfChildren).flatMap { child, table in
                guard let old = before.childTables.first(where: { $0.name == child.name }) else {
                    return [
                        change(
                            .add, table,
                            "its table is made with the first batch; what is there gets its "
                                + "elements by millrace replay RUN --current")
                    ]
                }
                if old == child, before.table(of: old).load == table.load { return [] }
                let columns = DatasetDiff(before.table(of: old), table, owner: owner).columns()
                return columns.isEmpty
                    ? [change(.change, table, "holds for what comes from now on")] : columns
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
        case .http(let http): http.url
        case .command(let program): program.run.joined(separator: " ")
        case .singer(let tap): "\(tap.program.run.joined(separator: " ")) (\(tap.stream))"
        }
    }
}
