import YAML

/// Reads the list of checks of a table.
struct ChecksReader {
    /// The rules, as they are written. A new rule is a new case here and in `RuleReader`.
    enum RuleName: String, CaseIterable {
        case not_null, unique, range, accepted_values, regex, length, null_rate, reference
        case functional_dependency, schema, row_count, row_count_change, anomaly, reconcile
        case freshness, sql
    }

    static let keys = Keys(
        RuleName.allCases.map { Key($0.rawValue, RuleReader.shape($0), RuleReader.about($0)) } + [
            Key("name", .name, "What the check is called; sql needs one"),
            Key(
                "severity", .words(of: Check.Severity.self),
                "block: the batch is not published; warn: an alert"),
            Key("warn", CheckLimitsReader.shape, "More than that is an alert", example: "1%"),
            Key(
                "block", CheckLimitsReader.shape, "More, and the batch is not published",
                example: "5%"),
            Key(
                "scope", .words(of: Check.Scope.self),
                "Whether the batch is looked at, in staging, or the table that readers see"),
        ])

    let table: String
    let owner: String
    /// Nil for a model: only its SQL knows its columns.
    let columns: [Column]?
    let reading: Reading
    private var findings: Findings { reading.findings }

    init(table: String, owner: String, columns: [Column]?, reading: Reading) {
        self.table = table
        self.owner = owner
        self.columns = columns
        self.reading = reading
    }

    func read(_ node: YAMLNode) -> [Check] {
        guard case .sequence(let items) = node.content else {
            findings.reportKind(node, expected: "a list of checks")
            return []
        }
        if items.isEmpty {
            findings.report(
                .empty, "the list of checks is empty", at: Word("[]", at: node.start),
                fix: "add a check or remove the list")
        }
        var taken: Set<String> = []
        return items.flatMap { item -> [Check] in
            let checks = check(item)
            for check in checks where !taken.insert(check.name).inserted {
                findings.report(
                    .usedName, "\(owner) has a check `\(check.name)` already",
                    at: Word("", at: item.start),
                    fix: "remove one of them, or give it another name: with a `name` beside")
            }
            return checks
        }
    }

    private func check(_ node: YAMLNode) -> [Check] {
        let place = Word("", at: node.start)
        guard
            let fields = Fields(
                node, of: "a check of \(owner)", at: place, keys: Self.keys, findings),
            let rule = rule(fields)
        else { return [] }
        let reader = RuleReader(owner: owner, columns: columns, reading: reading)
        let rules = fields[rule.rawValue].map { reader.read(rule, $0) } ?? []
        let limits = CheckLimitsReader(rule: rule, owner: owner, isModel: columns == nil)
            .read(fields)
        let severity = CheckSeverityReader(rule: rule, owner: owner, isModel: columns == nil)
            .read(fields, limits: limits)
        let name = name(fields, isNeeded: rule == .sql, rules: rules)
        return rules.map {
            Check(
                name: name ?? $0.defaultName(as: rule), rule: $0, severity: severity.value,
                limits: limits ?? $0.usualLimits(severity.value), scope: severity.scope)
        }
    }

    private func rule(_ fields: Fields) -> RuleName? {
        let present = RuleName.allCases.filter { fields[$0.rawValue] != nil }
        let names = RuleName.allCases.map(\.rawValue)
        if present.count == 1 { return present[0] }
        if present.isEmpty, !names.contains(where: fields.isMisspelt) {
            findings.report(
                .badCheck, "the check has no rule", at: fields.place,
                fix: "rules: \(names.joined(separator: ", "))")
        } else if let second = present.dropFirst().first {
            findings.report(
                .badCheck, "the check has two rules, `\(present[0])` and `\(second)`",
                at: fields.keyWord(second.rawValue) ?? fields.place,
                fix: "start a second check with a `-`")
        }
        return nil
    }

    private func name(_ fields: Fields, isNeeded: Bool, rules: [Check.Rule]) -> String? {
        guard let node = fields["name"] else {
            if isNeeded { _ = fields.required("name", fix: "name what must hold") }
            return nil
        }
        guard let word = findings.text(node, "the check's name") else { return nil }
        NameRule.check(word, "a check", findings)
        if rules.count > 1 {
            findings.report(
                .badCheck, "one name for \(rules.count) checks", at: word,
                fix: "remove the name, or write a check for each column")
            return nil
        }
        return word.text
    }
}
