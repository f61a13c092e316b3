import Events
import Foundation
import YAML

/// Reads `alerts`: what a pipeline or a dataset says about its alerts.
struct AlertsReader {
    static let key = Key(
        "alerts", .keys(keys), "What its alerts are like, and when they are told",
        example: "{owner: data team, latency_slo: 30s}")

    private static let keys: Keys = [
        Key("owner", .text, "Who looks after it: a text that alerts show"),
        Key(
            "severity", .keys(severityKeys), "Other severities, by topic",
            example: "{rejects_over: critical}"),
        Key(
            "rejects_over", .either([.text, .keys(rejectKeys)]),
            "How many rejects of a batch are no alert yet; none by default", example: "1%"),
        Key("latency_slo", .pattern(span), "How long from arrival to queryable", example: "30s"),
        Key(
            "backlog", .pattern(span), "How long a run may be under way; 15m by default",
            example: "10m"),
        Key("run_succeeded", .boolean, "Whether each success goes to every subscription"),
        Key(
            "mute", .oneOrMore(.keys(MuteReader.keys)), "Weekly times in which nobody is told",
            example: "{days: sat-sun, time_zone: Europe/Berlin}"),
    ]

    private static let severityKeys = Keys(
        AlertRaised.topics.filter { $0 != "run_succeeded" }.map { topic in
            Key(topic, .words(of: AlertSeverity.self), "The severity of \(topic)")
        })

    private static let rejectKeys: Keys = [
        Key("batch", .text, "How many of a batch's records, or a share of them", example: "1%"),
        Key("day", .integer(0...1_000_000_000), "How many in the last 24 hours"),
    ]

    private static let span = "[0-9]{1,6}[smhd]"
    private static let limits = 1...(366 * 86_400)

    let owner: String
    let findings: Findings

    func read(_ node: YAMLNode) -> AlertRules? {
        let place = Word("", at: node.start)
        guard
            let fields = Fields(
                node, of: "the alerts of \(owner)", at: place, keys: Self.keys, findings)
        else { return nil }
        func seconds(_ key: String) -> Int? {
            fields[key].flatMap { findings.seconds($0, "`\(key)`", in: Self.limits, "1s") }
        }
        var rules = AlertRules(
            owner: fields["owner"].flatMap { findings.text($0, "the owner") }?.text,
            severities: fields["severity"].map(severities),
            latencySLO: seconds("latency_slo"), backlog: seconds("backlog"),
            runSucceeded: fields["run_succeeded"].flatMap {
                findings.boolean($0, "`run_succeeded`")
            },
            mutes: fields["mute"].map(mutes))
        if let node = fields["rejects_over"] { readRejects(node, &rules) }
        return rules
    }

    private func severities(_ node: YAMLNode) -> [String: AlertSeverity] {
        let place = Word("", at: node.start)
        guard
            let fields = Fields(
                node, of: "the severities of \(owner)", at: place, keys: Self.severityKeys,
                findings)
        else { return [:] }
        return Dictionary(
            uniqueKeysWithValues: Self.severityKeys.names.compactMap { topic in
                fields[topic].flatMap { node in
                    findings.choice(node, "severity", of: AlertSeverity.self)
                }.map { (topic, $0) }
            })
    }

    private func readRejects(_ node: YAMLNode, _ rules: inout AlertRules) {
        guard case .mapping = node.content else {
            rules.rejectsOver = findings.rejectLimit(node, "`rejects_over`")
            return
        }
        let place = Word("", at: node.start)
        guard
            let fields = Fields(
                node, of: "`rejects_over`", at: place, keys: Self.rejectKeys, findings)
        else { return }
        rules.rejectsOver = fields["batch"].flatMap { findings.rejectLimit($0, "`batch`") }
        rules.rejectsOverDay = fields["day"].flatMap {
            findings.integer($0, "`day`", in: 0...1_000_000_000)
        }
    }

    private func mutes(_ node: YAMLNode) -> [MuteTime] {
        let reader = MuteReader(findings: findings)
        guard case .sequence(let items) = node.content else {
            return [reader.read(node)].compactMap(\.self)
        }
        return items.compactMap(reader.read)
    }
}
