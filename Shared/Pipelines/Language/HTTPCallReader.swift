import YAML

/// Reads what one call of an HTTP API asks for, and what its answers are.
struct HTTPCallReader {
    static let keys: [Key] = [
        Key(
            "parameters", .texts(.value), "The query; {cursor} is where the last poll ended",
            example: "{since: \"{cursor}\", per_page: 100}"),
        Key(
            "format", .either([.words(formats), .keys(formatKeys)]),
            "How answers are written; json by default"),
        Key("records", .text, "The keys that lead to the array of records", example: "data.items"),
        HTTPPagesReader.key,
        Key("cursor", .keys(cursorKeys), "The field that tells new records from old ones"),
        Key(
            "same_by", .oneOrMore(.text),
            "Records with equal values there are the same; the whole record by default",
            example: "[id, updated_at]"),
        HTTPResponsesReader.key,
    ]
    private static let cursorKeys: Keys = [
        Key("field", .text, "Of a record", example: "updated_at", isRequired: true),
        Key(
            "type", .words(of: HTTPCursor.Kind.self), "How its values are compared",
            isRequired: true),
        Key("start", .value, "Where the first poll begins", example: "\"2020-01-01T00:00:00Z\""),
        Key("lag", .duration, "How late records may come", example: "5m"),
        Key(
            "nulls", .words(of: HTTPCursor.Nulls.self),
            "What becomes of records without a value; take by default"),
    ]
    private static let formats = ["json", "xml", "csv"]
    private static let formatKeys: Keys = [
        Key("xml", .keys(xmlKeys), "Records are elements"),
        Key("csv", .keys(FormatReader.answerKeys), "Delimited text with a header line"),
    ]
    private static let xmlKeys: Keys = [
        Key(
            "lists", .oneOrMore(.text), "Elements that are arrays, however often they come",
            example: "[author]")
    ]

    let fields: Fields
    private var findings: Findings { fields.findings }

    init(_ fields: Fields) {
        self.fields = fields
    }

    func read(into source: inout HTTPSource) {
        source.parameters +=
            fields["parameters"].map { Self.fields($0, "parameters", findings) } ?? []
        source.format = fields["format"].flatMap(format) ?? .json
        source.records =
            fields["records"].flatMap {
                HTTPPathReader.read($0, "the path to the records", findings)
            }
            ?? []
        source.pages = fields["pages"].flatMap { HTTPPagesReader(findings: findings).read($0) }
        checkPages(source)
        source.cursor = fields["cursor"].flatMap(cursor)
        if let node = fields["same_by"] {
            source.sameBy = findings.texts(node, "fields").compactMap {
                HTTPPathReader.path($0, findings)
            }
        }
        source.responses = fields["responses"].map { HTTPResponsesReader.read($0, findings) } ?? []
        checkCursor(source)
    }

    /// Names and values that the author chose.
    static func fields(_ node: YAMLNode, _ what: String, _ findings: Findings) -> [HTTPField] {
        findings.entries(node, what).compactMap { entry in
            findings.word(entry.value, "`\(entry.key.text)`")
                .map { HTTPField(entry.key.text, $0.text) }
        }
    }

    private func format(_ node: YAMLNode) -> HTTPFormat? {
        guard case .mapping = node.content else {
            guard let word = findings.word(node, "a format") else { return nil }
            switch word.text {
            case "json": return .json
            case "xml": return .xml(lists: [])
            case "csv": return .csv(CSVFormat())
            default:
                findings.reportUnknown(
                    .unknownWord, "`\(word.text)` is no format of answers", word,
                    among: Self.formats, called: "formats there")
                return nil
            }
        }
        let place = Word("", at: node.start)
        guard
            let fields = Fields(node, of: "the format", at: place, keys: Self.formatKeys, findings)
        else { return nil }
        if let node = fields["csv"] { return .csv(FormatReader.answers(node, findings)) }
        guard let node = fields["xml"],
            let xml = Fields(
                node, of: "the XML", at: Word("", at: node.start), keys: Self.xmlKeys, findings)
        else { return nil }
        return .xml(lists: xml["lists"].map { findings.texts($0, "elements").map(\.text) } ?? [])
    }

    /// Only JSON is looked through for what is beside the records.
    private func checkPages(_ source: HTTPSource) {
        guard source.format != .json else { return }
        switch source.pages {
        case .next, .bookmark:
            findings.report(
                .misplacedOption, "the next page is looked for in answers that are JSON",
                at: fields.keyWord("pages") ?? fields.place,
                fix: "write pages: link_header, {number: page} or {offset: skip}")
        case .linkHeader, .number, .offset, nil: break
        }
        if case .csv = source.format, let word = fields.keyWord("records") {
            findings.report(
                .misplacedOption, "the records of CSV are its lines", at: word, fix: "remove it")
        }
    }

    private func cursor(_ node: YAMLNode) -> HTTPCursor? {
        let place = Word("", at: node.start)
        guard
            let fields = Fields(
                node, of: "the cursor", at: place, keys: Self.cursorKeys, findings)
        else { return nil }
        let field = fields.required("field", fix: "write field: updated_at").flatMap {
            HTTPPathReader.read($0, "the cursor's field", findings)
        }
        let type = fields.required("type", fix: "write bigint, timestamptz or text").flatMap {
            findings.choice($0, "type of a cursor", of: HTTPCursor.Kind.self)
        }
        let lag = fields["lag"].flatMap { findings.milliseconds($0, "lag") }
        if lag != nil, let type, type != .timestamptz, let word = fields.keyWord("lag") {
            findings.report(
                .misplacedOption, "a `lag` is for cursors of type timestamptz", at: word,
                fix: "remove it")
        }
        let nulls = fields["nulls"].flatMap {
            findings.choice($0, "way with nulls", of: HTTPCursor.Nulls.self)
        }
        let start = fields["start"].flatMap { findings.word($0, "the cursor's start") }
        guard let field, let type else { return nil }
        if let start, CursorValue(start.text, type) == nil {
            findings.report(
                .valueOfOtherType, "`\(start.text)` is no \(type.rawValue)", at: start,
                fix: type == .timestamptz ? "write it like \"2020-01-31T00:00:00Z\"" : nil)
        }
        return HTTPCursor(
            field: field, type: type, start: start?.text, lagMilliseconds: lag ?? 0,
            nulls: nulls ?? .take)
    }

    private func checkCursor(_ source: HTTPSource) {
        let isUsed = source.parameters.contains { $0.value.contains("{cursor}") }
        if isUsed, fields["cursor"] == nil {
            findings.report(
                .missingKey, "`{cursor}` is used and there is no `cursor`",
                at: fields.word(of: "parameters"), suggestion: "cursor",
                fix: "write cursor: {field: updated_at, type: timestamptz}")
        }
    }
}

/// Reads keys that lead to a value, with dots between them.
enum HTTPPathReader {
    static func read(_ node: YAMLNode, _ what: String, _ findings: Findings) -> [String]? {
        findings.text(node, what).flatMap { path($0, findings) }
    }

    static func path(_ word: Word, _ findings: Findings) -> [String]? {
        let keys = word.text.split(separator: ".", omittingEmptySubsequences: false)
        if keys.allSatisfy({ !$0.isEmpty }), keys.count <= 32 { return keys.map(String.init) }
        findings.report(
            .badValue, "`\(word.text)` is no path", at: word,
            fix: "write the keys that lead there, with dots: data.items")
        return nil
    }
}
