import Events
import Pipelines

/// What a job's script says at its end: for each object the records it read and rejected, and
/// those left after the dataset's own SELECT and after the newest of each key.
struct DuckDBCounts {
    private var objects: [Int: [Int]] = [:]
    /// By the child, then by the object.
    private var children: [Int: [Int: [Int]]] = [:]

    /// - Throws: `EngineError` when the lines are not what the script says.
    init(_ lines: [String]) throws(EngineError) {
        for line in lines {
            let isOfChild = line.hasPrefix("child ")
            guard isOfChild || line.hasPrefix("object ") else { continue }
            let numbers = line.split(separator: " ").dropFirst().compactMap { Int($0) }
            guard numbers.count == (isOfChild ? 6 : 5) else {
                throw EngineError(.crashed, "the program's counts cannot be read: \(line)")
            }
            if isOfChild {
                children[numbers[0], default: [:]][numbers[1]] = Array(numbers.dropFirst(2))
            } else {
                objects[numbers[0]] = Array(numbers.dropFirst())
            }
        }
    }

    /// The counts of the elements of an object's records, for each child.
    private func children(of object: Int, _ dataset: Dataset) -> [String: Counts] {
        var counts: [String: Counts] = [:]
        for (index, child) in dataset.childTables.enumerated() {
            let found = children[index]?[object] ?? [0, 0, 0, 0]
            let (read, rejected, selected, kept) = (found[0], found[1], found[2], found[3])
            counts[child.name] = Counts(
                read: read, superseded: selected - kept, filtered: read - rejected - selected,
                rejected: rejected)
        }
        return counts
    }

    /// - Throws: `EngineError` when the counts cannot be: the dataset's SELECT makes rows.
    func report(
        _ plans: [ObjectPlan], _ dataset: Dataset
    ) throws(EngineError) -> TransformReport {
        var reports: [ObjectReport] = []
        for plan in plans {
            let found = objects[plan.index] ?? [0, 0, 0, 0]
            let (read, rejected, selected, kept) = (found[0], found[1], found[2], found[3])
            let filtered = read - rejected - selected
            guard filtered >= 0, selected >= kept else {
                throw EngineError(
                    .statement,
                    "the dataset's own SELECT gives `\(plan.object.name)` \(selected) rows, more "
                        + "than the \(read - rejected) that it had")
            }
            let counts = Counts(
                read: read + plan.rejectedEarly, superseded: selected - kept,
                filtered: filtered, rejected: rejected + plan.rejectedEarly)
            reports.append(
                ObjectReport(
                    counts: counts, refusal: plan.refusal?.message,
                    reason: plan.refusal?.reason, notes: plan.notes,
                    children: children(of: plan.index, dataset)))
        }
        return TransformReport(objects: reports)
    }
}
