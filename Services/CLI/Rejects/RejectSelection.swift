import Engine
import Warehouse

/// Which rejects a verb `rejects …` is about, as its options and numbers say.
struct RejectSelection {
    /// The options that narrow it, of all verbs of this noun.
    static let options: [Option] = [
        .value("run", "RUN", "only that run's; its id or its first letters"),
        .value("pipeline", "NAME", "only that pipeline's, or PIPELINE.DATASET's"),
        .value("dataset", "NAME", "only that dataset's"),
        .choice("stage", RejectStage.allCases.map(\.rawValue), "only those of that stage"),
        .value("reason", "WORD", "only those, e.g. out_of_range"),
    ]
    /// For verbs that do something with the rejects.
    static let all = Option.flag("all", "every open one")

    let arguments: Arguments
    let context: StackContext

    /// - Parameter needsWord: Something must narrow it, or say `--all`.
    /// - Throws: `CommandError` for a word that is no number and a run that is not there.
    func filter(needsWord: Bool = false) async throws -> RejectFilter {
        let isNarrowed = Self.options.contains { arguments.value($0.name) != nil }
        let words = arguments.positionals
        if needsWord, words.isEmpty, !isNarrowed, !arguments.flag("all") {
            throw CommandError(
                "say which: numbers, --run, --pipeline, --dataset, --stage, --reason, or --all",
                exit: .usage, try: "millrace rejects list\(context.dataFlag)")
        }
        var filter = RejectFilter(
            dataset: arguments.value("dataset"), stage: arguments.value("stage"),
            reason: arguments.value("reason"))
        if let name = arguments.value("pipeline") {
            let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
            filter.pipeline = parts.first
            if parts.count == 2 { filter.dataset = parts[1] }
        }
        if let prefix = arguments.value("run") {
            filter.batch = try await RunLookup.find(prefix, in: context.warehouse(), context).batch
        }
        if !words.isEmpty { filter.ids = try words.map(number) }
        return filter
    }

    private func number(_ word: String) throws(CommandError) -> Int {
        if let number = Int(word), number > 0 { return number }
        throw CommandError(
            "`\(word)` is no reject's number", exit: .usage,
            try: "millrace rejects list\(context.dataFlag)")
    }
}
