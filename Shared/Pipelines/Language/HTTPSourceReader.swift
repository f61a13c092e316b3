import Foundation
import YAML

/// Reads what stands behind `http` in a source.
struct HTTPSourceReader {
    static let key = Key(
        "http", .keys(keys), "Answers of an HTTP API, asked again and again",
        example: "{url: \"https://api.example.org/orders\"}")
    private static let keys = Keys(connectionKeys + HTTPCallReader.keys)

    /// Whom to ask, how often, and as whom.
    static let connectionKeys: [Key] = [
        Key(
            "url", .text, "Absolute, without a query", example: "https://api.example.org/orders",
            isRequired: true),
        Key("headers", .texts(.value), "Sent with each request", example: "{Accept: x/y}"),
        HTTPAuthReader.key,
        Key("every", .pattern("[0-9]{1,6}[smhd]"), "From one poll to the next; 1m by default"),
        Key(
            "schedule", .text, "Due times in place of a period: five cron fields, or @daily",
            example: "\"0 6 * * mon-fri\""),
        Key("time_zone", .text, "The zone of the schedule; UTC by default"),
        Key(
            "rate", .pattern("[0-9]{1,6}/[smh]"), "Requests at most, over all datasets of a host",
            example: "10/s"),
        Key("timeout", .duration, "How long an answer may stand still; 30s by default"),
    ]
    private static let longest = 366 * 86_400

    let findings: Findings

    func read(_ node: YAMLNode, of dataset: String) -> HTTPSource {
        var source = HTTPSource(url: "")
        let owner = "the HTTP source of dataset `\(dataset)`"
        let place = Word("", at: node.start)
        guard let fields = Fields(node, of: owner, at: place, keys: Self.keys, findings) else {
            return source
        }
        connection(fields, into: &source)
        HTTPCallReader(fields).read(into: &source)
        return source
    }

    /// Reads what calls share.
    func connection(_ fields: Fields, into source: inout HTTPSource) {
        source.url = fields.required("url").flatMap(url) ?? ""
        source.headers = fields["headers"].map(headers) ?? []
        source.auth = fields["auth"].flatMap { HTTPAuthReader(findings: findings).read($0) }
        if let node = fields["every"],
            let seconds = findings.seconds(node, "a period", in: 1...Self.longest, "1s")
        {
            source.everySeconds = seconds
        }
        source.schedule = schedule(fields)
        source.rate = fields["rate"].flatMap(rate) ?? source.rate
        if let node = fields["timeout"], let time = findings.milliseconds(node, "timeout") {
            source.timeoutMilliseconds = max(1_000, time)
        }
    }

    private func schedule(_ fields: Fields) -> Trigger.When? {
        guard let node = fields["schedule"] else {
            if let word = fields.keyWord("time_zone") {
                findings.report(
                    .misplacedOption, "a `time_zone` is for a schedule", at: word, fix: "remove it")
            }
            return nil
        }
        if let word = fields.keyWord("every") {
            findings.report(
                .misplacedOption, "`every` has no meaning beside `schedule`", at: word,
                fix: "keep one of them")
        }
        let zone = fields["time_zone"].flatMap { findings.timeZone($0) } ?? "UTC"
        guard let word = findings.text(node, "a schedule") else { return nil }
        do {
            return .cron(try Cron(word.text), timeZone: zone)
        } catch {
            findings.report(.badValue, error.message, at: word, fix: error.fix)
            return nil
        }
    }

    /// An absolute URL without a query.
    func url(_ node: YAMLNode) -> String? {
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
        return HTTPCallReader.fields(node, "headers", findings)
    }

    private static func isToken(_ byte: UInt8) -> Bool {
        byte > 0x20 && byte < 0x7F && !"\"(),/:;<=>?@[\\]{}".utf8.contains(byte)
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
