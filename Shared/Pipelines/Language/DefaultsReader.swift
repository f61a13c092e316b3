import YAML

/// Reads `defaults`: what datasets take where they say nothing themselves.
enum DefaultsReader {
    static func read(_ node: YAMLNode, _ findings: Findings) -> Defaults {
        var defaults = Defaults()
        let place = Word("", at: node.start)
        guard
            let fields = Fields(
                node, of: "`defaults`", at: place, keys: ["format", "nulls", "unknown_fields"],
                findings)
        else { return defaults }
        if let node = fields["format"] { defaults.format = FormatReader.read(node, findings) }
        if let node = fields["nulls"] { defaults.nulls = nulls(node, findings) }
        defaults.unknownFields =
            fields["unknown_fields"]
            .flatMap { findings.choice($0, "way with unknown fields", of: UnknownFields.self) }
            ?? defaults.unknownFields
        return defaults
    }

    /// Texts that mean null. An empty list says that none does.
    static func nulls(_ node: YAMLNode, _ findings: Findings) -> [String] {
        findings.items(node, "nulls", mayBeEmpty: true) { findings.text($0, "a null text") }
            .map(\.text)
    }
}
