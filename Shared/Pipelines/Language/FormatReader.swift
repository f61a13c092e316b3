import YAML

/// Reads how records are written: `csv`, `jsonl`, `by_name`, or `csv: {…}` with a dialect.
enum FormatReader {
    private enum Name: String, CaseIterable { case csv, jsonl, by_name }

    static let shape = Shape.either([.words(of: Name.self), .keys(keys)])
    private static let keys: Keys = [
        Key("csv", .keys(dialectKeys), "Delimited text", example: "{delimiter: \";\"}"),
        Key("by_name", .keys(dialectKeys), "CSV or JSON lines, by the file's name"),
    ]
    private static let dialectKeys: Keys = [
        Key("delimiter", .text, "One ASCII character, or tab; a comma by default"),
        Key("quote", .text, "One ASCII character; \" by default"),
        Key("escape", .text, "One ASCII character; the quote by default"),
    ]

    static func read(_ node: YAMLNode, _ findings: Findings) -> Format {
        guard case .mapping = node.content else {
            return switch findings.choice(node, "format", of: Name.self) {
            case .csv: .csv(CSVFormat())
            case .jsonl: .jsonLines
            case .by_name, nil: .byName(CSVFormat())
            }
        }
        let place = Word("", at: node.start)
        guard let fields = Fields(node, of: "`format`", at: place, keys: keys, findings) else {
            return .byName(CSVFormat())
        }
        if fields["csv"] != nil, fields["by_name"] != nil {
            findings.report(
                .misplacedOption, "a format is `csv` or `by_name`, not both", at: place,
                fix: "keep one of them")
        }
        if let node = fields["csv"] { return .csv(dialect(node, findings)) }
        return .byName(fields.required("by_name").map { dialect($0, findings) } ?? CSVFormat())
    }

    private static func dialect(_ node: YAMLNode, _ findings: Findings) -> CSVFormat {
        var format = CSVFormat()
        let place = Word("", at: node.start)
        guard
            let fields = Fields(
                node, of: "the dialect", at: place, keys: dialectKeys, findings)
        else { return format }
        format.delimiter = character("delimiter", fields) ?? format.delimiter
        format.quote = character("quote", fields) ?? format.quote
        format.escape = character("escape", fields) ?? format.quote
        if format.delimiter == format.quote || format.delimiter == format.escape {
            findings.report(
                .badValue, "the delimiter is the same as the quote or escape",
                at: fields.word(of: "delimiter"), fix: "make them different")
        }
        return format
    }

    private static func character(_ key: String, _ fields: Fields) -> String? {
        let findings = fields.findings
        guard let node = fields[key], let word = findings.text(node, key) else { return nil }
        if word.text == "tab" { return "\t" }
        guard word.text.utf8.count == 1, let byte = word.text.utf8.first,
            byte == UInt8(ascii: "\t") || (0x20...0x7E).contains(byte) || byte == 1
        else {
            findings.report(
                .badValue, "a \(key) is one ASCII character, not `\(word.text)`", at: word,
                fix: "write it in quotes, like \";\", or the word tab")
            return nil
        }
        return word.text
    }
}
