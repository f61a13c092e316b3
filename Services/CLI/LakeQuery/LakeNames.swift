import Lake
import Pipelines

/// The tables of the lake that a question names: `zone.pipeline.dataset`.
struct LakeNames {
    /// One of them.
    struct Name: Hashable {
        let zone: String
        let pipeline: String
        let dataset: String
    }

    static let zones = [Zone.landing, .working, .processed].map(\.rawValue)

    /// Each once, in order of appearance.
    let names: [Name]

    init(in sql: String) {
        let word = #"\s*\.\s*"?([A-Za-z0-9_]+)"?"#
        let zones = Self.zones.joined(separator: "|")
        var names: [Name] = []
        do {
            let pattern = try Regex(
                #"(?i)(?:^|[^A-Za-z0-9_."])"?(\#(zones))"?"# + word + word,
                as: (Substring, Substring, Substring, Substring).self)
            for match in sql.matches(of: pattern) {
                let name = Name(
                    zone: match.output.1.lowercased(), pipeline: match.output.2.lowercased(),
                    dataset: match.output.3.lowercased())
                if !names.contains(name) { names.append(name) }
            }
        } catch {
            preconditionFailure("the pattern of a lake's names is fixed: \(error)")
        }
        self.names = names
    }

    /// The definition of a table.
    ///
    /// - Throws: `CommandError` with the nearest name for one that is not there.
    static func dataset(_ name: Name, _ context: StackContext) async throws -> Dataset {
        let catalog = try context.catalog()
        guard let current = try await catalog.current(name.pipeline) else {
            throw unknown(name.pipeline, "pipeline", try await catalog.names(), context)
        }
        guard let dataset = current.pipeline.dataset(name.dataset) else {
            if let (dataset, child) = current.pipeline.child(name.dataset) {
                throw CommandError(
                    "`\(name.dataset)` is no table of the lake: its elements are in the lists "
                        + "`\(child.holder)` of `\(dataset.name)`", exit: .usage,
                    try: "millrace query --lake \"select unnest(\(child.holder)) from processed."
                        + "\(name.pipeline).\(dataset.name)\"\(context.dataFlag)")
            }
            throw unknown(
                name.dataset, "dataset of \(name.pipeline)", current.pipeline.datasets.map(\.name),
                context)
        }
        return dataset
    }

    private static func unknown(
        _ word: String, _ what: String, _ names: [String], _ context: StackContext
    ) -> CommandError {
        let hint = nearest(to: word, in: names).map { "; did you mean `\($0)`?" } ?? ""
        return CommandError(
            "`\(word)` is no \(what)\(hint)", exit: .usage,
            try: "millrace catalog\(context.dataFlag)")
    }
}
