import YAML

extension RuleReader {
    /// The keys of what compares batches.
    static func historyKeys(_ rule: ChecksReader.RuleName) -> Keys {
        guard rule == .anomaly else {
            return [
                Key("over", .integer(batches), "The median of so many batches; 5 by default"),
                Key(
                    "direction", .words(of: Check.Direction.self),
                    "Which changes count; both by default"),
            ]
        }
        return [
            Key("metric", .words(of: Anomaly.Metric.self), "What is measured", isRequired: true),
            Key("column", .name, "The column that is measured"),
            Key(
                "season", .words(of: Anomaly.Season.self),
                "Which earlier values are like the one at hand; none by default: all of them"),
            Key(
                "time_zone", .text, "Whose days and hours; UTC by default",
                example: "Europe/Berlin"),
            Key(
                "least", .integer(least),
                "With fewer earlier values it says nothing; 8 by default"),
            Key("most", .integer(least), "The latest so many count; 30 by default"),
        ]
    }

    private static let batches = 1...1000
    private static let least = 4...1000

    func rowCountChange(_ node: YAMLNode) -> Check.Rule? {
        guard let fields = fields(node, .row_count_change) else { return nil }
        let over = fields["over"].flatMap { findings.integer($0, "`over`", in: Self.batches) }
        let direction = fields["direction"].flatMap {
            findings.choice($0, "direction", of: Check.Direction.self)
        }
        return .rowCountChange(over: over ?? 5, direction: direction ?? .both)
    }

    func anomaly(_ node: YAMLNode) -> Check.Rule? {
        guard let fields = fields(node, .anomaly),
            let metric = fields.required("metric")
                .flatMap({ findings.choice($0, "metric", of: Anomaly.Metric.self) })
        else { return nil }
        var anomaly = Anomaly(metric: metric)
        if metric.needsColumn {
            guard let column = column(fields) else { return nil }
            if metric.needsNumbers, !isNumber(column) { return nil }
            anomaly.column = column.text
        } else if let word = fields.keyWord("column") {
            findings.report(
                .misplacedOption, "`row_count` is about rows, not about a column", at: word,
                fix: "remove it")
        }
        anomaly.season =
            fields["season"].flatMap { findings.choice($0, "season", of: Anomaly.Season.self) }
            ?? .none
        anomaly.timeZone = fields["time_zone"].flatMap { findings.timeZone($0) } ?? "UTC"
        let least = fields["least"].flatMap { findings.integer($0, "`least`", in: Self.least) }
        let most = fields["most"].flatMap { findings.integer($0, "`most`", in: Self.least) }
        anomaly.leastHistory = least ?? anomaly.leastHistory
        anomaly.mostHistory = most ?? max(anomaly.mostHistory, anomaly.leastHistory)
        if anomaly.leastHistory > anomaly.mostHistory {
            findings.report(
                .reversedLimits,
                "least `\(anomaly.leastHistory)` is above most `\(anomaly.mostHistory)`",
                at: fields.word(of: "least"), fix: "exchange them")
        }
        return .anomaly(anomaly)
    }
}
