import Events
import Pipelines

/// What two revisions of a pipeline differ in. What that means for the tables is `PlanLive`'s part.
struct PipelineDiff {
    private let before: Pipeline?
    private let after: Pipeline

    /// - Parameter before: Nil for a pipeline that is new.
    init(from before: Pipeline?, to after: Pipeline) {
        self.before = before
        self.after = after
    }

    func changes() throws -> [PlanChange] {
        guard let before else { return added() }
        return top(before) + datasets(before) + (try models(before))
    }

    private func added() -> [PlanChange] {
        let trigger = after.trigger.map {
            PlanChange(
                area: "schedule", kind: .add, subject: after.name, detail: $0.text, effect: "")
        }
        return after.datasets.map(new)
            + after.models.map {
                PlanChange(
                    area: "model", kind: .add, subject: name($0.name), detail: "",
                    effect: "computed after the first publish of what it reads")
            } + [trigger].compactMap(\.self)
    }

    private func top(_ before: Pipeline) -> [PlanChange] {
        var changes: [PlanChange] = []
        if before.schema != after.schema {
            changes.append(
                PlanChange(
                    area: "schema", kind: .change, subject: after.name,
                    detail: "\(before.schema) -> \(after.schema)",
                    effect: "new tables are made there; those of \(before.schema) stay as they are",
                    weight: .destructive))
        }
        if before.trigger != after.trigger {
            let (old, new) = (before.trigger?.text ?? "arrival", after.trigger?.text ?? "arrival")
            let effect =
                after.trigger == nil
                ? "what waits in the landing zone goes on by itself within some minutes; at once "
                    + "with millrace run \(after.name)"
                : "what arrives waits for the next due time"
            changes.append(
                PlanChange(
                    area: "schedule", kind: .change, subject: after.name,
                    detail: "\(old) -> \(new)", effect: effect))
        }
        return changes
    }

    private func datasets(_ before: Pipeline) -> [PlanChange] {
        let removed = before.datasets.filter { after.dataset($0.name) == nil }.map {
            PlanChange(
                area: "dataset", kind: .remove, subject: name($0.name), detail: "",
                effect: "its table stays, nothing writes to it any more; its files are not taken",
                weight: .destructive)
        }
        let others = after.datasets.flatMap { dataset in
            before.dataset(dataset.name).map {
                DatasetDiff($0, dataset, owner: after.name).changes()
            }
                ?? [new(dataset)]
        }
        return removed + others
    }

    private func new(_ dataset: Dataset) -> PlanChange {
        PlanChange(
            area: "dataset", kind: .add, subject: name(dataset.name),
            detail: "\(TimeText.count(dataset.columns.count, "column")), \(dataset.load.text)"
                + dataset.tablesOfChildren.map { ", with \($0.name)" }.joined(),
            effect: "its table is made with the first batch")
    }

    /// Models are compared by the SQL that the warehouse gets: parameters count.
    private func models(_ before: Pipeline) throws -> [PlanChange] {
        var changes: [PlanChange] = []
        var rebuilt: Set<String> = []
        for model in after.models {
            let old = before.model(model.name)
            let sql = try after.warehouseSQL(model.sql)
            let earlier = try old.map { try before.warehouseSQL($0.sql) }
            if earlier != sql || old?.key != model.key {
                rebuilt.insert(model.name)
                changes.append(
                    PlanChange(
                        area: "model", kind: old == nil ? .add : .change,
                        subject: name(model.name), detail: old == nil ? "" : "its SQL or key",
                        effect: "computed anew after the next publish of what it reads"))
            } else if let source = model.dependsOn.first(where: rebuilt.contains) {
                rebuilt.insert(model.name)
                changes.append(
                    PlanChange(
                        area: "model", kind: .change, subject: name(model.name),
                        detail: "reads \(source)", effect: "computed anew with it"))
            }
            changes += CheckDiff(old?.checks ?? [], model.checks, of: name(model.name)).changes()
        }
        return changes
            + before.models.filter { after.model($0.name) == nil }.map {
                PlanChange(
                    area: "model", kind: .remove, subject: name($0.name), detail: "",
                    effect: "its table stays as it is", weight: .destructive)
            }
    }

    private func name(_ part: String) -> String { "\(after.name).\(part)" }
}

/// What the checks of a table differ in.
struct CheckDiff {
    private let before: [Check]
    private let after: [Check]
    private let owner: String

    init(_ before: [Check], _ after: [Check], of owner: String) {
        self.before = before
        self.after = after
        self.owner = owner
    }

    func changes() -> [PlanChange] {
        let removed = before.filter { old in !after.contains { $0.name == old.name } }
        return removed.map { change(.remove, $0, "") }
            + after.compactMap { check in
                guard let old = before.first(where: { $0.name == check.name }) else {
                    return change(.add, check, check.severity.rawValue)
                }
                if old == check { return nil }
                let isSeverity = old.severity != check.severity
                return change(
                    .change, check,
                    isSeverity
                        ? "\(old.severity.rawValue) -> \(check.severity.rawValue)" : "its rule")
            }
    }

    private func change(
        _ kind: PlanChange.Kind, _ check: Check, _ detail: String
    ) -> PlanChange {
        PlanChange(
            area: "check", kind: kind, subject: "\(owner).\(check.name)", detail: detail,
            effect: "")
    }
}

extension Load {
    /// For people.
    var text: String {
        let key = self.key.isEmpty ? "" : " by \(self.key.joined(separator: ", "))"
        return mode.rawValue + key + (newestBy.map { ", newest \($0)" } ?? "")
    }
}
