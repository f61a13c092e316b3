import YAML

/// Reads what the answers of an HTTP API mean.
enum HTTPResponsesReader {
    static let key = Key(
        "responses", .list(.keys(keys)), "What answers mean; the first rule that fits holds",
        example: "[{status: 404, then: skip}]")
    private static let keys: Keys = [
        Key(
            "status", .oneOrMore(.either([.integer(statuses), .pattern("[1-5]xx")])),
            "Such as 404, 5xx or a list; any by default"),
        Key("body", .text, "A text in the first 4 KiB of the answer", example: "quota exceeded"),
        Key(
            "then", .words(of: HTTPResponseRule.Action.self), "What is done about it",
            isRequired: true),
    ]
    private static let statuses = 100...599

    static func read(_ node: YAMLNode, _ findings: Findings) -> [HTTPResponseRule] {
        guard case .sequence(let items) = node.content else {
            findings.reportKind(node, expected: "a list of rules")
            return []
        }
        return items.compactMap { rule($0, findings) }
    }

    private static func rule(_ node: YAMLNode, _ findings: Findings) -> HTTPResponseRule? {
        let place = Word("", at: node.start)
        guard let fields = Fields(node, of: "the rule", at: place, keys: keys, findings) else {
            return nil
        }
        let words = fields["status"].map {
            findings.items($0, "statuses") { findings.word($0, "a status") }
        }
        let statuses = (words ?? []).compactMap { status($0, findings) }
        let body = fields["body"].flatMap { findings.text($0, "a text of the body") }
        let action = fields.required("then", fix: "write then: skip").flatMap {
            findings.choice($0, "action", of: HTTPResponseRule.Action.self)
        }
        if fields["status"] == nil, fields["body"] == nil, !fields.isMisspelt("status"),
            !fields.isMisspelt("body")
        {
            findings.report(
                .missingKey, "the rule says nothing of the answers that it is about", at: place,
                suggestion: "status", fix: "write status: 404, or body: a text")
        }
        return action.map { HTTPResponseRule(statuses: statuses, body: body?.text, $0) }
    }

    private static func status(_ word: Word, _ findings: Findings) -> ClosedRange<Int>? {
        if let number = Int(word.text), statuses.contains(number) { return number...number }
        if word.text.count == 3, word.text.hasSuffix("xx"), let first = Int(word.text.prefix(1)),
            (1...5).contains(first)
        {
            return first * 100...first * 100 + 99
        }
        findings.report(
            .badValue, "`\(word.text)` is no status of an answer", at: word,
            fix: "write 404, or 5xx for all from 500 to 599")
        return nil
    }
}
