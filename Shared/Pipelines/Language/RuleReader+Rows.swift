import YAML

extension RuleReader {
    func regex(_ node: YAMLNode) -> Check.Rule? {
        guard let fields = fields(node, .regex) else { return nil }
        let column = column(fields)
        guard let node = fields.required("pattern"),
            let word = findings.text(node, "a regular expression")
        else { return nil }
        do {
            try PostgresRegex.check(word.text)
        } catch {
            findings.report(
                .badValue, "`\(word.text)` does not compile: \(error.message)", at: word,
                fix: "the dialect is PostgreSQL's; a backslash stands once between single quotes")
            return nil
        }
        return column.map { .regex(column: $0.text, pattern: word.text) }
    }

    func length(_ node: YAMLNode) -> Check.Rule? {
        guard let fields = fields(node, .length) else { return nil }
        let column = column(fields)
        let type = columns?.first { $0.name == column?.text }?.type
        if let column, let type, type != .text {
            findings.report(
                .misplacedOption, "`\(column.text)` is \(type.rawValue), which has no length",
                at: column, fix: "a length is for texts")
            return nil
        }
        let limits = wholeLimits(fields, "the length")
        return column.map {
            .length(column: $0.text, minimum: limits.minimum, maximum: limits.maximum)
        }
    }

    func dependency(_ node: YAMLNode) -> Check.Rule? {
        guard let fields = fields(node, .functional_dependency) else { return nil }
        let columns = fields.required("columns").map(columnList) ?? []
        guard
            let word = fields.required("determines").flatMap({ findings.text($0, "a column") })
                .flatMap(known)
        else { return nil }
        if columns.contains(word.text) {
            findings.report(
                .repeatedItem, "`\(word.text)` determines itself", at: word,
                fix: "name another column")
            return nil
        }
        return columns.isEmpty
            ? nil : .functionalDependency(columns: columns, determines: word.text)
    }

    func schema(_ node: YAMLNode) -> Check.Rule? {
        guard let fields = fields(node, .schema) else { return nil }
        let isExact = fields["exact"].flatMap { findings.boolean($0, "`exact`") } ?? false
        guard let node = fields["columns"] else {
            guard let columns else {
                _ = fields.required("columns", fix: "name each column with its type")
                return nil
            }
            return .schema(
                columns: columns.map { Check.TypedColumn($0.name, $0.type) }, isExact: isExact)
        }
        let columns = findings.entries(node, "columns").compactMap { entry -> Check.TypedColumn? in
            NameRule.check(entry, "a column", findings)
            guard let word = findings.text(entry.value, "a type"),
                let type = findings.columnType(word)
            else { return nil }
            return Check.TypedColumn(entry.key.text, type)
        }
        return .schema(columns: columns, isExact: isExact)
    }

    func reconcile(_ node: YAMLNode) -> Check.Rule? {
        guard let fields = fields(node, .reconcile) else { return nil }
        let sum = fields["sum"].flatMap { findings.text($0, "a column") }.flatMap(known)
        if let sum, !isNumber(sum) { return nil }
        guard let to = fields.required("to").flatMap({ findings.text($0, "`to`") }) else {
            return nil
        }
        let parts = to.text.split(separator: ".", omittingEmptySubsequences: false)
        if to.text == "source" {
            guard columns != nil, fields["sum"] == nil else {
                findings.report(
                    .misplacedOption,
                    columns == nil
                        ? "\(owner) has no source" : "what a source delivers is counted, not added",
                    at: to, fix: "name a table")
                return nil
            }
            return .reconcile(Reconciliation(to: nil))
        }
        guard parts.count == (fields["sum"] == nil ? 1 : 2) else {
            findings.report(
                .badValue,
                fields["sum"] == nil
                    ? "rows are counted, and `\(to.text)` is no table"
                    : "`\(to.text)` names no column whose sum can be compared", at: to,
                fix: "write to: table, or sum: column and to: table.column")
            return nil
        }
        let table = to.part(parts[0])
        let column = parts.count == 2 ? to.part(parts[1]) : nil
        reading.afterwards {
            if let column {
                reading.checkTable(table, column: column)
            } else {
                reading.checkTable(table)
            }
        }
        return .reconcile(
            Reconciliation(sum: sum?.text, to: table.text, toColumn: column?.text))
    }

    /// Notes a column that cannot be calculated with.
    func isNumber(_ column: Word) -> Bool {
        guard let type = columns?.first(where: { $0.name == column.text })?.type,
            ![.smallint, .integer, .bigint, .double, .decimal].contains(type)
        else { return true }
        findings.report(
            .misplacedOption, "`\(column.text)` is \(type.rawValue), and no number", at: column,
            fix: "name a column with numbers")
        return false
    }
}
