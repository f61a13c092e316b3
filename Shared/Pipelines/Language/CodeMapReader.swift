import YAML

/// Reads what the codes of a column stand for, and what becomes of other texts.
struct CodeMapReader {
    static let mapKey = Key(
        "map", .texts(.value), "What codes stand for", example: "{m: male, f: female}")
    static let elseKey = Key(
        "else", .words(of: CodeMap.Others.self),
        "What becomes of a text that is none of the codes; reject by default")

    let owner: String
    let fields: Fields
    private var findings: Findings { fields.findings }

    /// Nil when the column has no codes.
    func read(for column: Column) -> CodeMap? {
        let others = fields["else"].flatMap {
            findings.choice($0, "way with other texts", of: CodeMap.Others.self)
        }
        guard let node = fields["map"] else {
            if let word = fields.keyWord("else") {
                findings.report(
                    .misplacedOption, "`else` has no meaning without `map` in \(owner)", at: word,
                    fix: "add map: with the codes, or remove it")
            }
            return nil
        }
        guard column.type != .json else {
            findings.report(
                .misplacedOption, "`map` does not fit the type of \(owner)",
                at: fields.keyWord("map") ?? fields.place, fix: "it is not for columns of json")
            return nil
        }
        var values: [String: String] = [:]
        for entry in findings.entries(node, "codes") {
            guard let code = code(entry, column), let value = value(entry.value, column.type)
            else { continue }
            values[code] = value
        }
        return values.isEmpty ? nil : CodeMap(values: values, others: others ?? .reject)
    }

    private func code(_ entry: YAMLEntry, _ column: Column) -> String? {
        let word = Word(entry.key, at: entry.start)
        if column.nulls.contains(word.text) {
            findings.report(
                .misplacedOption, "`\(word.text)` means null in \(owner) already", at: word,
                fix: "remove it here, or write nulls: [] for the column")
            return nil
        }
        return word.text
    }

    private func value(_ node: YAMLNode, _ type: ColumnType) -> String? {
        let word =
            type == .text ? findings.text(node, "a value") : findings.word(node, "a value")
        return word.flatMap { findings.check($0, is: type, for: owner) ? $0.text : nil }
    }
}
