import YAML

/// Reads how much of what a check measures is borne: `warn: 1%`, `block: 5%`.
struct CheckLimitsReader {
    static let shape = Shape.text

    let rule: ChecksReader.RuleName
    let owner: String
    let isModel: Bool

    /// Nil where nothing is said.
    func read(_ fields: Fields) -> Check.Limits? {
        let findings = fields.findings
        guard fields["warn"] != nil || fields["block"] != nil else {
            if [.null_rate, .row_count_change].contains(rule),
                !fields.isMisspelt("warn"), !fields.isMisspelt("block")
            {
                findings.report(
                    .missingKey, "`\(rule)` does not say how much is too much",
                    at: fields.keyWord(rule.rawValue) ?? fields.place, suggestion: "warn",
                    fix: "write warn: 5% beside it, or block: 5%, or both")
            }
            return nil
        }
        let limits = Check.Limits(
            warn: tolerance("warn", fields), block: tolerance("block", fields))
        if let place = misplaced(fields) {
            findings.report(
                .badCheck, "`\(rule)` holds or does not: there is nothing to bear", at: place,
                fix: "write severity: in its place, and the limits into the rule")
            return nil
        }
        if let word = fields.keyWord("severity") {
            findings.report(
                .misplacedOption, "`severity` has no meaning beside `warn` and `block`", at: word,
                fix: "keep one of them")
        }
        if let warn = limits.warn, let block = limits.block, !block.isAtLeast(warn) {
            findings.report(
                .reversedLimits, "warn `\(warn.text)` is above block `\(block.text)`",
                at: fields.word(of: "warn"), fix: "exchange them")
        }
        return limits
    }

    private func misplaced(_ fields: Fields) -> Word? {
        guard [.row_count, .schema, .freshness].contains(rule) else { return nil }
        return fields.keyWord("warn") ?? fields.keyWord("block")
    }

    private func tolerance(_ key: String, _ fields: Fields) -> Tolerance? {
        guard let word = fields[key].flatMap({ fields.findings.word($0, "`\(key)`") }) else {
            return nil
        }
        guard let tolerance = Tolerance(word.text) else {
            fields.findings.report(
                .badValue, "`\(word.text)` is no limit", at: word,
                fix: "write a number, like 100, or a share, like 1%")
            return nil
        }
        if rule == .anomaly, case .percent = tolerance {
            fields.findings.report(
                .badValue, "an anomaly is measured in deviations, not in `\(word.text)`", at: word,
                fix: "write how many are borne, like 5")
            return nil
        }
        return tolerance
    }
}
