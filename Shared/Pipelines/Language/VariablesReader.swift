import YAML

/// Reads `variables`, with what an instance, the environment and the caller make of them. A
/// variable may name inputs and the variables above it.
struct VariablesReader {
    let root: YAMLNode
    let reading: Reading
    private var findings: Findings { reading.findings }

    init(_ root: YAMLNode, _ reading: Reading) {
        self.root = root
        self.reading = reading
    }

    func read() -> Variables {
        var variables = Variables()
        let inputs = reading.setting.instance
        for (name, value) in inputs?.values ?? [:] {
            variables.set(name, value.scalar, from: value.origin)
        }
        let entries = root["variables"].map { findings.entries($0, "variables") } ?? []
        for entry in entries {
            let word = Word(entry.key, at: entry.start)
            NameRule.check(entry, "a variable", findings)
            if inputs?.values[entry.key.text] != nil {
                findings.report(
                    .usedName, "`\(entry.key.text)` is the name of an input already", at: word,
                    fix: "an input is a variable that the instances set: rename one")
                continue
            }
            reading.usage.declare(.variable, word)
            let value = value(of: entry)
            variables.set(entry.key.text, filled(value, with: variables))
        }
        checkOverrides(among: entries.map(\.key.text))
        return variables
    }

    private func filled(_ node: YAMLNode?, with variables: Variables) -> YAMLScalar {
        guard let node, case .scalar(let scalar) = node.content else {
            return YAMLScalar("", isPlain: false)
        }
        return Filling(variables, reading).filled(scalar, at: node.start)
    }

    private func value(of entry: YAMLEntry) -> YAMLNode? {
        let name = entry.key.text
        let own = findings.literal(entry.value, "variable `\(name)`")
        if let text = reading.setting.overrides[name] {
            let isTyped = ["true", "false"].contains(text) || Int(text) != nil
            return YAMLNode(
                .scalar(YAMLScalar(text, isPlain: isTyped)), start: entry.value.start)
        }
        guard let chosen = reading.setting.environment,
            let other = root["environments"]?[chosen]?["variables"]?[name]
        else { return own }
        return findings.literal(other, "variable `\(name)`")
    }

    private func checkOverrides(among names: [String]) {
        for name in reading.setting.overrides.keys.sorted() where !names.contains(name) {
            findings.report(
                .unknownVariable, "there is no variable `\(name)` to set",
                at: Word("", at: root["variables"]?.start ?? .top),
                suggestion: Spelling.nearest(to: name, among: names),
                fix: names.isEmpty
                    ? "write variables: {\(name): …}"
                    : "variables there: \(names.joined(separator: ", "))")
        }
    }
}

extension Findings {
    /// A value that stands for itself: a text, number or boolean of which no reader of YAML makes
    /// something else. Dates may stand there plain; a text place refuses them later.
    func literal(_ node: YAMLNode, _ what: String) -> YAMLNode? {
        guard let word = word(node, what), case .scalar(let scalar) = node.content else {
            return nil
        }
        if scalar.isPlain, let trap = scalar.trap, !["true", "false"].contains(scalar.text),
            TimeText(scalar.text) == nil
        {
            reportTrap(trap, word, what)
            return nil
        }
        return node
    }
}
