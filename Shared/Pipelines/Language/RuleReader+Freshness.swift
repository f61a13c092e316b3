import YAML

extension RuleReader {
    static let freshnessKeys: Keys = [
        Key("column", .name, "A time: its newest value must not be older than max_age"),
        Key("max_age", span, "How old the newest value may be", example: "6h"),
        Key("max_silence", span, "For how long nothing may be published", example: "26h"),
        Key(
            "by", .pattern("[0-2][0-9]:[0-5][0-9]"),
            "By when something must have been published, each day", example: "\"07:00\""),
        Key(
            "from", .pattern("[0-2][0-9]:[0-5][0-9]"),
            "From when on a publish counts for `by`; midnight by default"),
        Key("days", .text, "On which days, as cron says it; all by default", example: "mon-fri"),
        Key("time_zone", .text, "Whose times; UTC by default", example: "Europe/Berlin"),
    ]
    private static let span = Shape.pattern("[0-9]{1,6}[smhd]")
    private static let spans = 60...(366 * 86_400)

    func freshness(_ node: YAMLNode) -> Check.Rule? {
        guard let fields = fields(node, .freshness) else { return nil }
        let kinds = ["max_age", "max_silence", "by"]
        let present = kinds.filter { fields[$0] != nil }
        guard let kind = present.first else {
            if !kinds.contains(where: fields.isMisspelt) {
                findings.report(
                    .missingKey, "the freshness has no `max_age`, `max_silence` or `by`",
                    at: fields.place, fix: "write one of them")
            }
            return nil
        }
        for second in present.dropFirst() {
            findings.report(
                .misplacedOption, "`\(second)` has no meaning beside `\(kind)`",
                at: fields.keyWord(second) ?? fields.place, fix: "start a second check with a `-`")
        }
        let own = [
            "max_age": ["column", "time_zone"], "by": ["from", "days", "time_zone"],
        ]
        for key in ["column", "from", "days", "time_zone"] {
            guard let word = fields.keyWord(key), own[kind]?.contains(key) != true else { continue }
            findings.report(
                .misplacedOption, "`\(key)` has no meaning beside `\(kind)`", at: word,
                fix: "remove it")
        }
        let zone = fields["time_zone"].flatMap { findings.timeZone($0) } ?? "UTC"
        switch kind {
        case "max_age": return age(fields, zone)
        case "by": return deadline(fields, zone)
        default:
            return fields[kind].flatMap {
                findings.seconds($0, "a silence", in: Self.spans, "1m")
            }.map { .freshness(.silence(seconds: $0)) }
        }
    }

    private func age(_ fields: Fields, _ zone: String) -> Check.Rule? {
        guard let column = column(fields),
            let seconds = fields["max_age"].flatMap({
                findings.seconds($0, "an age", in: Self.spans, "1m")
            })
        else { return nil }
        let type = columns?.first { $0.name == column.text }?.type
        if let type, !type.isTime {
            findings.report(
                .misplacedOption, "`\(column.text)` is \(type.rawValue), and no time", at: column,
                fix: "name a column with times")
            return nil
        }
        return .freshness(.age(column: column.text, seconds: seconds, timeZone: zone))
    }

    private func deadline(_ fields: Fields, _ zone: String) -> Check.Rule? {
        guard let by = time("by", fields) else { return nil }
        let from = fields["from"] == nil ? 0 : time("from", fields)
        guard let from else { return nil }
        let days = fields["days"].flatMap { findings.text($0, "`days`") }
        let cron = "\(by % 60) \(by / 60) * * \(days?.text ?? "*")"
        do {
            // A time of the evening before is meant where it is later than the due one.
            let minutes = from < by ? by - from : by - from + 24 * 60
            return .freshness(
                .deadline(
                    Freshness.Deadline(
                        due: try Cron(cron), timeZone: zone, windowSeconds: minutes * 60)))
        } catch {
            findings.report(
                .badValue, error.message, at: days ?? fields.place,
                fix: "write days as cron does, like mon-fri or sat,sun")
            return nil
        }
    }

    /// Minutes since midnight.
    private func time(_ key: String, _ fields: Fields) -> Int? {
        guard let word = fields[key].flatMap({ findings.text($0, "`\(key)`") }) else { return nil }
        let parts = word.text.split(separator: ":").map { Int($0) ?? -1 }
        guard word.text.utf8.count == 5, parts.count == 2, (0..<24).contains(parts[0]),
            (0..<60).contains(parts[1])
        else {
            findings.report(
                .badValue, "`\(word.text)` is no time of the day", at: word,
                fix: "write it like \"07:00\"")
            return nil
        }
        return parts[0] * 60 + parts[1]
    }
}
