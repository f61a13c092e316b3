import Events
import Foundation
import YAML

/// Reads a weekly time in which nobody is told.
struct MuteReader {
    static let keys: Keys = [
        Key(
            "days", .oneOrMore(.text), "On which days it begins; every day by default",
            example: "sat-sun"),
        Key("from", .pattern(clock), "When it begins; 00:00 by default", example: "\"22:00\""),
        Key(
            "to", .pattern(clock),
            "When it ends, on the next day if that is not later; 24:00 by default",
            example: "\"06:00\""),
        Key("time_zone", .text, "Its zone; UTC by default", example: "Europe/Berlin"),
        Key(
            "topics", .oneOrMore(.words(AlertRaised.topics)), "Which alerts; all by default",
            example: "[check_warned, rejects_over]"),
    ]

    private static let clock = "([01][0-9]|2[0-3]):[0-5][0-9]|24:00"
    private static let names = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

    let findings: Findings

    func read(_ node: YAMLNode) -> MuteTime? {
        let place = Word("", at: node.start)
        guard
            let fields = Fields(node, of: "a mute time", at: place, keys: Self.keys, findings)
        else { return nil }
        let zone = fields["time_zone"].map { findings.timeZone($0) }
        let days = fields["days"].map { node in
            findings.texts(node, "days").flatMap(numbers)
        }
        let mute = MuteTime(
            days: days.map { Array(Set($0)).sorted() } ?? Array(1...7),
            from: fields["from"].flatMap(time) ?? "00:00",
            to: fields["to"].flatMap(time) ?? "24:00", zone: zone.map { $0 ?? "UTC" } ?? "UTC",
            topics: fields["topics"].map { node in
                findings.texts(node, "topics").compactMap(topic)
            })
        if mute.from == "24:00" {
            findings.report(
                .badValue, "a mute time does not begin at 24:00", at: fields.word(of: "from"),
                fix: "write \"00:00\" of the next day")
        }
        return mute
    }

    private func numbers(_ word: Word) -> [Int] {
        let parts = word.text.lowercased().split(separator: "-").map(String.init)
        let found = parts.compactMap { Self.names.firstIndex(of: $0) }
        guard found.count == parts.count, (1...2).contains(found.count),
            let first = found.first, let last = found.last
        else {
            findings.report(
                .badValue, "`\(word.text)` is no day of the week", at: word,
                suggestion: Spelling.nearest(to: word.text, among: Self.names),
                fix: "write mon, tue, wed, thu, fri, sat, sun, or from one to another: sat-sun")
            return []
        }
        // From Saturday to Monday goes over the end of the week.
        let count = (last - first + 7) % 7
        return (0...count).map { (first + $0) % 7 + 1 }
    }

    private func time(_ node: YAMLNode) -> String? {
        guard let word = findings.text(node, "a time") else { return nil }
        let pattern = /([01][0-9]|2[0-3]):[0-5][0-9]|24:00/
        if word.text.wholeMatch(of: pattern) != nil { return word.text }
        findings.report(
            .badValue, "`\(word.text)` is no time of the day", at: word,
            fix: "write hours and minutes, like \"22:00\"")
        return nil
    }

    private func topic(_ word: Word) -> String? {
        if AlertRaised.topics.contains(word.text) { return word.text }
        findings.reportUnknown(
            .unknownWord, "no alert has the topic `\(word.text)`", word,
            among: AlertRaised.topics, called: "topics")
        return nil
    }
}
