extension Check.Rule {
    /// What a check is called that has no name of its own.
    func defaultName(as rule: ChecksReader.RuleName) -> String {
        let arguments: [String] =
            switch self {
            case .notNull(let column), .range(let column, _, _), .acceptedValues(let column, _),
                .regex(let column, _), .length(let column, _, _):
                [column]
            case .unique(let columns): columns
            case .reference(let column, let table, let target): ["\(column) -> \(table).\(target)"]
            case .functionalDependency(let columns, let determined):
                [columns.joined(separator: ", ") + " -> " + determined]
            case .anomaly(let anomaly): [anomaly.title]
            case .reconcile(let sides): ["\(sides.sum ?? "row_count") -> \(sides.target)"]
            case .freshness(.age(let column, _, _)): [column]
            case .freshness(.silence), .freshness(.deadline), .schema, .rowCount, .rowCountChange,
                .sql:
                []
            }
        guard !arguments.isEmpty else { return rule.rawValue }
        return "\(rule.rawValue)(\(arguments.joined(separator: ", ")))"
    }

    /// What is borne where the check does not say it.
    func usualLimits(_ severity: Check.Severity) -> Check.Limits? {
        guard case .anomaly = self else { return nil }
        return severity == .block
            ? Check.Limits(block: Anomaly.usualLimit) : Check.Limits(warn: Anomaly.usualLimit)
    }
}
