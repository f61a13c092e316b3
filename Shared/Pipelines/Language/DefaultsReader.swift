import YAML

/// Reads `defaults`: what datasets take where they say nothing themselves.
enum DefaultsReader {
    static let keys: Keys = [
        Key("format", FormatReader.shape, "How records are written; by_name by default"),
        nullsKey,
        ContractReader.key,
        maxRejectedKey,
    ]
    static let nullsKey = Key(
        "nulls", .anyNumber(.text), "Texts that mean null; by default the empty one",
        example: "[\"\", \"None\"]")

    static let maxRejectedKey = Key(
        "max_rejected", .text, "How many of a batch's records may be rejects; no limit by default",
        example: "1%")

    static func read(_ node: YAMLNode, _ findings: Findings) -> Defaults {
        var defaults = Defaults()
        let place = Word("", at: node.start)
        guard
            let fields = Fields(
                node, of: "`defaults`", at: place, keys: keys, findings)
        else { return defaults }
        if let node = fields["format"] { defaults.format = FormatReader.read(node, findings) }
        if let node = fields["nulls"] { defaults.nulls = nulls(node, findings) }
        if let node = fields["contract"] {
            defaults.contract = ContractReader.read(node, over: defaults.contract, findings)
        }
        defaults.maxRejected =
            fields["max_rejected"].flatMap { findings.rejectLimit($0) } ?? defaults.maxRejected
        return defaults
    }

    /// Texts that mean null. An empty list says that none does.
    static func nulls(_ node: YAMLNode, _ findings: Findings) -> [String] {
        findings.items(node, "nulls", mayBeEmpty: true) { findings.text($0, "a null text") }
            .map(\.text)
    }
}
