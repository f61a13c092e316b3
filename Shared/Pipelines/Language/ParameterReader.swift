import YAML

/// Reads one of `parameters`.
enum ParameterReader {
    static let keys: Keys = [
        Key("type", .words(of: ColumnType.self), "The value's type", isRequired: true),
        Key("value", .value, "The value itself", example: "10", isRequired: true),
    ]

    /// - Parameter other: The environment's value, in place of its own.
    static func read(
        _ entry: YAMLEntry, replacedBy other: YAMLNode?, _ findings: Findings
    ) -> Parameter {
        var parameter = Parameter(name: entry.key.text, type: .text, value: "")
        let owner = "parameter `\(entry.key.text)`"
        guard
            let fields = Fields(
                entry.value, of: owner, at: Word(entry.key, at: entry.start),
                keys: keys, findings)
        else { return parameter }
        let type = fields.required("type").flatMap { findings.word($0, "the type") }
            .flatMap(findings.columnType)
        parameter.type = type ?? .text
        guard let own = fields.required("value") else { return parameter }
        let node = other ?? own
        let value =
            type == .text ? findings.text(node, "a value") : findings.word(node, "the value")
        if let value, let type { findings.check(value, is: type, for: owner) }
        parameter.value = value?.text ?? ""
        return parameter
    }
}

extension Findings {
    /// Notes a value that is none of its type; true when it is one.
    @discardableResult
    func check(_ word: Word, is type: ColumnType, for owner: String) -> Bool {
        if type.accepts(word.text) { return true }
        report(
            .valueOfOtherType, "`\(word.text)` is no \(type.rawValue), the type of \(owner)",
            at: word, fix: "write \(type.example)")
        return false
    }
}
