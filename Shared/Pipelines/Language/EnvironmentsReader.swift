import YAML

/// Reads `environments`: what is other in one place than in another.
struct EnvironmentsReader {
    static let keys: Keys = [
        Key("schema", .name, "The warehouse schema there", example: "shop_dev"),
        Key("variables", .named(.literal), "Values of variables there"),
        Key("parameters", .named(.value), "Values of parameters there", example: "{top_n: 3}"),
    ]

    /// What the chosen environment says.
    struct Chosen {
        var schema: YAMLNode?
        var parameters: [String: YAMLNode] = [:]
    }

    /// Where the names stand that an environment gives values to.
    let fields: Fields
    let reading: Reading
    private var findings: Findings { reading.findings }

    init(_ fields: Fields, _ reading: Reading) {
        self.fields = fields
        self.reading = reading
    }

    func read() -> Chosen {
        var chosen = Chosen()
        guard let node = fields["environments"] else { return chosen }
        for entry in findings.entries(node, "environments") {
            NameRule.check(entry, "an environment", findings)
            let owner = "environment `\(entry.key.text)`"
            let place = Word(entry.key, at: entry.start)
            guard
                let environment = Fields(
                    entry.value, of: owner, at: place, keys: Self.keys, findings)
            else { continue }
            let variables = self.entries("variables", of: environment, .unknownVariable)
            for entry in variables {
                _ = findings.literal(entry.value, "variable `\(entry.key.text)`")
            }
            let parameters = self.entries("parameters", of: environment, .unknownSlot)
            guard entry.key.text == reading.setting.environment else { continue }
            chosen.schema = environment["schema"]
            for entry in parameters { chosen.parameters[entry.key.text] = entry.value }
        }
        return chosen
    }

    /// The entries below a key, which must name what the pipeline declares under the same key.
    private func entries(
        _ key: String, of environment: Fields, _ code: DiagnosticCode
    ) -> [YAMLEntry] {
        guard let node = environment[key] else { return [] }
        var names: [String] = []
        if case .mapping(let entries) = fields[key]?.content { names = entries.map(\.key.text) }
        let entries = findings.entries(node, key)
        for entry in entries where !names.contains(entry.key.text) {
            findings.reportUnknown(
                code, "the pipeline has no `\(entry.key.text)` among its \(key)",
                Word(entry.key, at: entry.start), among: names, called: "\(key) there")
        }
        return entries
    }
}
