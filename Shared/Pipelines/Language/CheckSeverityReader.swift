import YAML

/// Reads what a check's failure means and what it looks at.
struct CheckSeverityReader {
    let rule: ChecksReader.RuleName
    let owner: String
    let isModel: Bool

    func read(
        _ fields: Fields, limits: Check.Limits?
    ) -> (value: Check.Severity, scope: Check.Scope?) {
        let severity = severity(fields, limits)
        return (severity, scope(fields, severity))
    }

    private func severity(_ fields: Fields, _ limits: Check.Limits?) -> Check.Severity {
        if let limits {
            let severity: Check.Severity = limits.block == nil ? .warn : .block
            check(severity, at: fields.keyWord("block") ?? fields.place, fields.findings)
            return severity
        }
        guard let node = fields["severity"],
            let severity = fields.findings.choice(node, "severity", of: Check.Severity.self)
        else { return usual }
        check(severity, at: fields.word(of: "severity"), fields.findings)
        return severity
    }

    private var usual: Check.Severity {
        switch rule {
        case .not_null, .unique, .range, .accepted_values, .regex, .length:
            isModel ? .warn : .block
        case .null_rate, .reference, .functional_dependency, .schema, .row_count,
            .row_count_change, .anomaly, .reconcile, .freshness, .sql:
            .warn
        }
    }

    /// Whether the rule tells which rows to set aside.
    private var namesRows: Bool {
        switch rule {
        case .not_null, .unique, .range, .accepted_values, .regex, .length, .reference, .sql: true
        case .null_rate, .functional_dependency, .schema, .row_count, .row_count_change, .anomaly,
            .reconcile, .freshness:
            false
        }
    }

    private func check(_ severity: Check.Severity, at word: Word, _ findings: Findings) {
        if rule == .freshness, severity != .warn {
            findings.report(
                .badCheck, "`freshness` is the clock's: there is no batch to hold back", at: word,
                suggestion: "warn", fix: "write severity: warn, or nothing")
        } else if severity == .block, isModel {
            findings.report(
                .lateBlock, "a check of \(owner) cannot block", at: word, suggestion: "warn",
                fix: "a model is looked at after its refresh: write severity: warn")
        } else if severity == .quarantine, isModel {
            findings.report(
                .lateBlock, "a check of \(owner) cannot set rows aside", at: word,
                suggestion: "warn", fix: "only a dataset's rows can be: write severity: warn")
        } else if severity == .quarantine, !namesRows {
            findings.report(
                .badCheck, "`\(rule.rawValue)` does not say which rows to set aside", at: word,
                fix: "write severity: block or warn, or another rule")
        } else if severity == .block, rule == .reference {
            findings.report(
                .earlyReference, "a blocking reference is looked at before the batch is published",
                at: word,
                fix: "rows that arrive together with what they refer to may be refused; "
                    + "severity: warn looks later")
        }
    }

    private func scope(_ fields: Fields, _ severity: Check.Severity) -> Check.Scope? {
        guard let node = fields["scope"],
            let scope = fields.findings.choice(node, "scope", of: Check.Scope.self)
        else { return nil }
        let word = fields.word(of: "scope")
        if isModel || rule == .freshness {
            fields.findings.report(
                .misplacedOption,
                isModel
                    ? "a check of \(owner) has its table only" : "`freshness` is about the table",
                at: fields.keyWord("scope") ?? word, fix: "remove it")
            return nil
        }
        if scope == .table, severity != .warn {
            fields.findings.report(
                .lateBlock, "what is looked at in the table cannot be held back any more", at: word,
                suggestion: "batch", fix: "write scope: batch, or severity: warn")
        }
        return scope
    }
}
