import YAML

/// Reads how records are written: one word, or `csv: {…}` with a dialect, or `json: {…}` with the
/// path to the records.
enum FormatReader {
    private enum Name: String, CaseIterable { case csv, jsonl, json, parquet, by_name }

    static let shape = Shape.either([.words(of: Name.self), .keys(keys)])
    private static let keys: Keys = [
        Key("csv", .keys(dialectKeys), "Delimited text", example: "{delimiter: \";\"}"),
        Key("by_name", .keys(dialectKeys), "By the file's name; the dialect is for CSV"),
        Key(
            "json", .keys(documentKeys), "An array of objects, or objects",
            example: "{records: data.items}"),
    ]
    private static let documentKeys: Keys = [
        Key(
            "records", .text, "The keys that lead to the records, with dots", example: "data.items",
            isRequired: true)
    ]
    /// What the answers of an API may have of a dialect.
    static let answerKeys = Keys(Array(dialectKeys.all.prefix(2)))
    private static let dialectKeys: Keys = [
        Key("delimiter", .text, "One ASCII character, or tab; a comma by default"),
        Key("quote", .text, "One ASCII character; \" by default"),
        Key("escape", .text, "One ASCII character; the quote by default"),
        Key(
            "encoding", .words(of: TextEncoding.self),
            "How characters are written; UTF-8 where it is not there"),
        Key("decimal", .text, "The mark before a number's fraction; a point by default"),
        Key("thousands", .text, "The mark between a number's groups of digits; none by default"),
    ]

    static func read(_ node: YAMLNode, _ findings: Findings) -> Format {
        guard case .mapping = node.content else {
            return switch findings.choice(node, "format", of: Name.self) {
            case .csv: .csv(CSVFormat())
            case .jsonl: .jsonLines
            case .json: .json(JSONFormat())
            case .parquet: .parquet
            case .by_name, nil: .byName(CSVFormat())
            }
        }
        let place = Word("", at: node.start)
        guard let fields = Fields(node, of: "`format`", at: place, keys: keys, findings) else {
            return .byName(CSVFormat())
        }
        let given = keys.names.filter { fields[$0] != nil }
        if given.count > 1 {
            let list = given.map { "`\($0)`" }.joined(separator: " or ")
            findings.report(
                .misplacedOption, "a format is \(list), not both", at: place,
                fix: "keep one of them")
        }
        if let node = fields["csv"] { return .csv(dialect(node, findings)) }
        if let node = fields["json"] { return .json(documents(node, findings)) }
        return .byName(fields.required("by_name").map { dialect($0, findings) } ?? CSVFormat())
    }

    private static func documents(_ node: YAMLNode, _ findings: Findings) -> JSONFormat {
        let place = Word("", at: node.start)
        guard
            let fields = Fields(
                node, of: "the documents", at: place, keys: documentKeys, findings),
            let path = fields.required("records", fix: "write records: data.items"),
            let word = findings.text(path, "the path to the records")
        else { return JSONFormat() }
        let keys = word.text.split(separator: ".", omittingEmptySubsequences: false)
        if keys.contains(where: \.isEmpty) || keys.count > 32 {
            findings.report(
                .badValue, "`\(word.text)` is no path to records", at: word,
                fix: "write the keys that lead to the array, with dots: data.items")
        }
        return JSONFormat(path: keys.map(String.init))
    }

    /// The dialect of an API's answers.
    static func answers(_ node: YAMLNode, _ findings: Findings) -> CSVFormat {
        let place = Word("", at: node.start)
        guard
            let fields = Fields(node, of: "the CSV", at: place, keys: answerKeys, findings)
        else { return CSVFormat() }
        let quote = character("quote", fields) ?? "\""
        return CSVFormat(
            delimiter: character("delimiter", fields) ?? ",", quote: quote, escape: quote)
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
        format.encoding = fields["encoding"].flatMap {
            findings.choice($0, "encoding", of: TextEncoding.self)
        }
        format.decimal = mark("decimal", fields)
        format.thousands = mark("thousands", fields)
        if let mark = format.thousands, mark == format.decimal ?? "." {
            findings.report(
                .badValue, "`thousands` and `decimal` are the same mark",
                at: fields.word(of: "thousands"), fix: "make them different")
        }
        return format
    }

    /// A mark inside of numbers.
    private static func mark(_ key: String, _ fields: Fields) -> String? {
        guard let mark = character(key, fields) else { return nil }
        guard !mark.contains(where: { $0.isLetter || $0.isNumber || "+-".contains($0) }) else {
            fields.findings.report(
                .badValue, "`\(mark)` cannot be told from a number", at: fields.word(of: key),
                fix: "write the mark, like \",\"")
            return nil
        }
        // The usual mark says nothing.
        return key == "decimal" && mark == "." ? nil : mark
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
