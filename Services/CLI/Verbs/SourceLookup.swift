import Events
import Lake
import Pipelines

/// The sources of a pipeline that have a state, and what is known of each.
struct SourceLookup {
    static let positional = Positional("PIPELINE")
    static let datasetPositional = Positional("DATASET")

    let states: SourceStates
    /// `<pipeline>.<dataset>`, in the pipeline's order.
    let names: [String]

    /// - Parameter dataset: Only that one's source.
    init(_ pipeline: String, dataset: String? = nil, _ context: StackContext) async throws {
        states = SourceStates(lake: try context.lake())
        let catalog = try context.catalog()
        guard let current = try await catalog.current(pipeline) else {
            let hint = nearest(to: pipeline, in: try await catalog.names())
            throw CommandError(
                "no pipeline `\(pipeline)` is applied"
                    + (hint.map { "; did you mean `\($0)`?" } ?? ""), exit: .usage)
        }
        var datasets: [String] = []
        for name in current.pipeline.datasets.compactMap(Self.stateName)
        where !datasets.contains(name) { datasets.append(name) }
        guard let dataset else {
            names = datasets.map { "\(pipeline).\($0)" }
            return
        }
        guard datasets.contains(dataset) else {
            let list = datasets.isEmpty ? "none has" : datasets.joined(separator: ", ")
            throw CommandError(
                "dataset `\(dataset)` of `\(pipeline)` has no state of its own; those that have: "
                    + list, exit: .usage)
        }
        names = ["\(pipeline).\(dataset)"]
    }

    /// Files are taken from their folder: what is there is new. Those that share a call or a tap
    /// have one state.
    private static func stateName(_ dataset: Dataset) -> String? {
        switch dataset.source {
        case .files: nil
        case .http(let source): source.call ?? dataset.name
        case .command: dataset.name
        case .singer(let source): source.tap
        }
    }

    /// What the source goes on with: an edit that nobody has followed yet, or what has landed.
    func state(_ name: String) async throws -> (
        text: String?, state: SourceState?, edit: StateEdit?
    ) {
        let state = try await states.current(name)
        let edit = try await states.edit(of: name)
        if let edit, edit.id != state?.edit { return (edit.text, state, edit) }
        return (state?.text, state, nil)
    }

    /// Writes what the source is to go on with, and logs who wrote it.
    @discardableResult
    func edit(
        _ name: String, _ text: String?, verb: String, undoing undone: ULID? = nil
    ) async throws -> StateEdit {
        let edit = StateEdit(
            text: text, before: try await state(name).text, who: Operator.name, verb: verb,
            undoes: undone)
        try await states.edit(edit, of: name)
        return edit
    }
}
