import Foundation
import YAML

/// Reads what stands behind `http` in a source.
struct HTTPSourceReader {
    static let key = Key(
        "http", .keys(keys), "Answers of an HTTP API, asked again and again",
        example: "{url: \"https://api.example.org/orders\"}")
    private static let keys: Keys = [
        Key(
            "url", .text, "Absolute, without a query", example: "https://api.example.org/orders",
            isRequired: true),
        Key(
            "parameters", .texts(.value), "The query; {cursor} is where the last poll ended",
            example: "{since: \"{cursor}\", per_page: 100}"),
        Key("headers", .texts(.value), "Sent with each request", example: "{Accept: x/y}"),
        HTTPAuthReader.key,
        Key("records", .text, "The keys that lead to the array of records", example: "data.items"),
        HTTPPagesReader.key,
        Key("cursor", .keys(cursorKeys), "The field that tells new records from old ones"),
        Key("every", .pattern("[0-9]{1,6}[smhd]"), "From one poll to the next; 1m by default"),
        Key(
            "rate", .pattern("[0-9]{1,6}/[smh]"), "Requests at most, over all datasets of a host",
            example: "10/s"),
        Key("timeout", .duration, "How long an answer may stand still; 30s by default"),
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
    private static let longest = 366 * 86_400

    let findings: Findings
    let owner: String

    init(of dataset: String, _ findings: Findings) {
        self.findings = findings
        owner = "the HTTP source of dataset `\(dataset)`"
    }

    func read(_ node: YAMLNode) -> HTTPSource {
        var source = HTTPSource(url: "")
        let place = Word("", at: node.start)
        guard let fields = Fields(node, of: owner, at: place, keys: Self.keys, findings) else {
            return source
        }
        source.url = fields.required("url").flatMap(url) ?? ""
        source.parameters = fields["parameters"].map { self.fields($0, "parameters") } ?? []
        source.headers = fields["headers"].map(headers) ?? []
        source.auth = fields["auth"].flatMap { HTTPAuthReader(findings: findings).read($0) }
        source.records = fields["records"].flatMap { path($0, "the path to the records") } ?? []
        source.pages = fields["pages"].flatMap { HTTPPagesReader(findings: findings).read($0) }
        source.cursor = fields["cursor"].flatMap(cursor)
        checkCursor(source, fields)
        if let node = fields["every"],
            let seconds = findings.seconds(node, "a period", in: 1...Self.longest, "1s")
        {
            source.everySeconds = seconds
        }
        source.rate = fields["rate"].flatMap(rate) ?? source.rate
        if let node = fields["timeout"], let time = findings.milliseconds(node, "timeout") {
            source.timeoutMilliseconds = max(1_000, time)
        }
        return source
    }

    private func url(_ node: YAMLNode) -> String? {
        guard let word = findings.text(node, "a URL") else { return nil }
        let parts = URLComponents(string: word.text)
        let isWhole = ["http", "https"].contains(parts?.scheme) && parts?.host?.isEmpty == false
        guard isWhole, parts?.fragment == nil, parts?.user == nil else {
            findings.report(
                .badValue, "`\(word.text)` is no URL to ask", at: word,
                fix: "write it from https:// on, without user, password and #")
            return nil
        }
        guard parts?.query == nil else {
            findings.report(
                .badValue, "`\(word.text)` has a query", at: word,
                fix: "write it as parameters: {name: value}")
            return nil
        }
        return word.text
    }

    private func fields(_ node: YAMLNode, _ what: String) -> [HTTPField] {
        findings.entries(node, what).compactMap { entry in
            findings.word(entry.value, "`\(entry.key.text)`")
                .map { HTTPField(entry.key.text, $0.text) }
        }
    }

    private func headers(_ node: YAMLNode) -> [HTTPField] {
        for entry in findings.entries(node, "headers") {
            let word = Word(entry.key, at: entry.start)
            if ["authorization", "cookie", "x-api-key"].contains(word.text.lowercased()) {
                findings.report(
                    .misplacedOption, "`\(word.text)` says who asks", at: word,
                    fix: "write auth: {bearer: \"${secret:name}\"}, basic or api_key")
            } else if !word.text.utf8.allSatisfy(Self.isToken) || word.text.isEmpty {
                findings.report(.badValue, "`\(word.text)` is no name of a header", at: word)
            }
        }
        return fields(node, "headers")
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && !"\"(),/:;<=>?@[\\]{}".utf8.contains(byte)
    }

    private func path(_ node: YAMLNode, _ what: String) -> [String]? {
        HTTPPathReader.read(node, what, findings)
    }

    private func cursor(_ node: YAMLNode) -> HTTPCursor? {
        let place = Word("", at: node.start)
        guard
            let fields = Fields(
                node, of: "the cursor", at: place, keys: Self.cursorKeys, findings)
        else { return nil }
        let field = fields.required("field", fix: "write field: updated_at").flatMap {
            path($0, "the cursor's field")
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

    private func checkCursor(_ source: HTTPSource, _ fields: Fields) {
        let isUsed = source.parameters.contains { $0.value.contains("{cursor}") }
        if isUsed, fields["cursor"] == nil {
            findings.report(
                .missingKey, "`{cursor}` is used and there is no `cursor`",
                at: fields.word(of: "parameters"), suggestion: "cursor",
                fix: "write cursor: {field: updated_at, type: timestamptz}")
        }
    }

    private func rate(_ node: YAMLNode) -> HTTPRate? {
        guard let word = findings.text(node, "a rate") else { return nil }
        let parts = word.text.split(separator: "/", omittingEmptySubsequences: false)
        if parts.count == 2, let number = Int(parts[0]), (1...999_999).contains(number),
            let unit = ["s": 1, "m": 60, "h": 3_600][parts[1]]
        {
            return HTTPRate(requests: number, perSeconds: unit)
        }
        findings.report(
            .badValue, "`\(word.text)` is no rate", at: word, fix: "write 10/s, 60/m or 1000/h")
        return nil
    }
}

/// Reads keys that lead to a value, with dots between them.
enum HTTPPathReader {
    static func read(_ node: YAMLNode, _ what: String, _ findings: Findings) -> [String]? {
        guard let word = findings.text(node, what) else { return nil }
        let keys = word.text.split(separator: ".", omittingEmptySubsequences: false)
        if keys.allSatisfy({ !$0.isEmpty }), keys.count <= 32 { return keys.map(String.init) }
        findings.report(
            .badValue, "`\(word.text)` is no path", at: word,
            fix: "write the keys that lead there, with dots: data.items")
        return nil
    }
}
