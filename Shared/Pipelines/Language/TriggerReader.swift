import Foundation
import YAML

/// Reads when a pipeline's runs are due.
struct TriggerReader {
    static let shape = Shape.either([.words([arrival]), .keys(keys)])
    /// The keys that name due times.
    static let whenKeys = [
        Key(
            "schedule", .text, "Five cron fields, or a word like @daily",
            example: "\"0 6 * * mon-fri\""),
        Key(
            "time_zone", .text, "The zone of the schedule; UTC by default",
            example: "Europe/Berlin"),
        Key(
            "every", .pattern("[0-9]{1,6}[smhd]"), "A period in place of a schedule",
            example: "10m"),
    ]
    private static let keys = Keys(
        whenKeys + [
            Key(
                "catch_up", .words(of: Trigger.CatchUp.self),
                "What becomes of due times that were missed; latest by default"),
            Key("overlap", .boolean, "Whether a run may begin while another is in flight"),
        ])
    private static let arrival = "arrival"
    private static let shortest = 10
    private static let longest = 366 * 86_400

    let findings: Findings

    /// Nil for what is transformed when it arrives.
    func read(_ node: YAMLNode) -> Trigger? {
        guard case .mapping = node.content else {
            if let word = findings.word(node, "the trigger"), word.text != Self.arrival {
                findings.reportUnknown(
                    .unknownWord, "`\(word.text)` is no trigger", word, among: [Self.arrival],
                    called: "write {schedule: …}, {every: 10m}, or one of the words")
            }
            return nil
        }
        let place = Word("", at: node.start)
        guard let fields = Fields(node, of: "the trigger", at: place, keys: Self.keys, findings)
        else { return nil }
        let catchUp = fields["catch_up"].flatMap {
            findings.choice($0, "way to catch up", of: Trigger.CatchUp.self)
        }
        let overlap = fields["overlap"].flatMap { findings.boolean($0, "overlap") }
        guard let when = when(fields) else { return nil }
        return Trigger(when, catchUp: catchUp ?? .latest, overlap: overlap ?? false)
    }

    /// What the keys of `whenKeys` say.
    func when(_ fields: Fields, shortest: Int = Self.shortest) -> Trigger.When? {
        if let node = fields["every"] {
            for other in ["schedule", "time_zone"] where fields[other] != nil {
                findings.report(
                    .misplacedOption, "`\(other)` has no meaning beside `every`",
                    at: fields.keyWord(other) ?? fields.place, fix: "keep one of them")
            }
            return findings.seconds(
                node, "a period", in: shortest...Self.longest, "\(shortest)s"
            )
            .map { .every(seconds: $0) }
        }
        let zone = fields["time_zone"].map { findings.timeZone($0) }
        guard let node = fields.required("schedule", fix: "write schedule: or every: 10m"),
            let word = findings.text(node, "a schedule")
        else { return nil }
        do {
            return .cron(try Cron(word.text), timeZone: zone.map { $0 ?? "UTC" } ?? "UTC")
        } catch {
            findings.report(.badValue, error.message, at: word, fix: error.fix)
            return nil
        }
    }
}

extension Findings {
    /// The IANA name of a time zone.
    func timeZone(_ node: YAMLNode) -> String? {
        guard let word = text(node, "a time zone") else { return nil }
        let known = TimeZone.knownTimeZoneIdentifiers
        // Foundation also takes `GMT+1` and abbreviations that mean several zones.
        if word.text == "UTC" || word.text.contains("/"), TimeZone(identifier: word.text) != nil {
            return word.text
        }
        report(
            .badValue, "there is no time zone `\(word.text)`", at: word,
            suggestion: Spelling.nearest(to: word.text, among: known),
            fix: "write its IANA name, like Europe/Berlin, or UTC")
        return nil
    }
}
