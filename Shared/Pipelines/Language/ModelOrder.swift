import YAML

/// Puts models behind what they read, and notes cycles.
struct ModelOrder {
    private let models: [Model]
    private let places: [String: Word]
    private let findings: Findings

    /// - Parameter entries: The models' entries in the YAML, in the order of `models`.
    init(_ models: [Model], entries: [YAMLEntry], _ reading: Reading) {
        let tables = Set(reading.names(of: .dataset, .model))
        self.models = models.map { model in
            var model = model
            model.dependsOn = SQLTemplate(model.sql).names.filter(tables.contains).sorted()
            return model
        }
        places = Dictionary(
            entries.map { ($0.key.text, Word($0.key, at: $0.start)) }, uniquingKeysWith: { $1 })
        findings = reading.findings
    }

    /// Each model behind the models that it reads; in the author's order otherwise.
    func sorted() -> [Model] {
        var done: [Model] = []
        var rest = models
        while !rest.isEmpty {
            let waiting = Set(rest.map(\.name))
            guard
                let index = rest.firstIndex(where: { waiting.isDisjoint(with: $0.dependsOn) })
            else {
                reportCycles(rest)
                return done + rest
            }
            done.append(rest.remove(at: index))
        }
        return done
    }

    private func reportCycles(_ rest: [Model]) {
        var reported: Set<String> = []
        for model in rest where !reported.contains(model.name) {
            guard let cycle = cycle(from: model.name, among: rest) else { continue }
            reported.formUnion(cycle)
            let path = cycle.map { "`\($0)`" }.joined(separator: " reads ")
            findings.report(
                .cycle, "models in a circle: \(path)", at: places[model.name] ?? Word("", at: .top),
                fix: "let one of them read the datasets instead")
        }
    }

    /// The shortest way from a model back to itself.
    private func cycle(from start: String, among rest: [Model]) -> [String]? {
        let reads = Dictionary(rest.map { ($0.name, $0.dependsOn) }, uniquingKeysWith: { $1 })
        var paths = [[start]]
        var seen: Set<String> = []
        while !paths.isEmpty {
            let path = paths.removeFirst()
            for next in reads[path[path.count - 1]] ?? [] {
                if next == start { return path + [next] }
                if seen.insert(next).inserted { paths.append(path + [next]) }
            }
        }
        return nil
    }
}
