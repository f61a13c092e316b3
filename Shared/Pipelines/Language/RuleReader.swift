import YAML

/// Reads the rule of a check. `not_null` of several columns is a rule for each.
struct RuleReader {
    let owner: String
    /// Nil for a model.
    let columns: [Column]?
    let reading: Reading
    var findings: Findings { reading.findings }

    init(owner: String, columns: [Column]?, reading: Reading) {
        self.owner = owner
        self.columns = columns
        self.reading = reading
    }

    func read(_ rule: ChecksReader.RuleName, _ node: YAMLNode) -> [Check.Rule] {
        switch rule {
        case .not_null: columnList(node).map { .notNull(column: $0) }
        case .unique: [.unique(columns: columnList(node))]
        case .range: range(node).map { [$0] } ?? []
        case .accepted_values: acceptedValues(node).map { [$0] } ?? []
        case .regex: [regex(node)].compactMap(\.self)
        case .length: [length(node)].compactMap(\.self)
        case .null_rate: columnList(node).map { .notNull(column: $0) }
        case .reference: reference(node).map { [$0] } ?? []
        case .functional_dependency: [dependency(node)].compactMap(\.self)
        case .schema: [schema(node)].compactMap(\.self)
        case .row_count_change: [rowCountChange(node)].compactMap(\.self)
        case .anomaly: [anomaly(node)].compactMap(\.self)
        case .reconcile: [reconcile(node)].compactMap(\.self)
        case .freshness: [freshness(node)].compactMap(\.self)
        case .row_count: rowCount(node).map { [$0] } ?? []
        case .sql: [.sql(sql(node))]
        }
    }

    func fields(_ node: YAMLNode, _ rule: ChecksReader.RuleName) -> Fields? {
        Fields(
            node, of: "a `\(rule)` check of \(owner)", at: Word("", at: node.start),
            keys: Self.keys(rule), findings)
    }

    func columnList(_ node: YAMLNode) -> [String] {
        findings.texts(node, "columns").compactMap(known).map(\.text)
    }

    /// The column, when the table has it.
    func known(_ word: Word) -> Word? {
        guard let columns else {
            return NameRule.check(word, "a column", findings) ? word : nil
        }
        guard columns.contains(where: { $0.name == word.text }) else {
            findings.reportUnknownColumn(word, of: owner, among: columns.map(\.name))
            return nil
        }
        return word
    }

    func column(_ fields: Fields) -> Word? {
        fields.required("column").flatMap { findings.text($0, "a column") }.flatMap(known)
    }

    private func range(_ node: YAMLNode) -> Check.Rule? {
        guard let fields = fields(node, .range) else { return nil }
        let column = column(fields)
        let type = columns?.first { $0.name == column?.text }?.type
        if let column, let type, !type.isOrdered {
            findings.report(
                .misplacedOption, "`\(column.text)` is \(type.rawValue), which has no range",
                at: column, fix: "a range is for numbers, dates and times")
            return nil
        }
        if fields["min"] == nil, fields["max"] == nil,
            !fields.isMisspelt("min"), !fields.isMisspelt("max")
        {
            findings.report(
                .missingKey, "the range has neither `min` nor `max`", at: fields.place,
                fix: "add one of them or both")
        }
        let minimum = limit("min", fields, type)
        let maximum = limit("max", fields, type)
        findings.checkLimits(minimum, maximum, type ?? .double, of: "the range")
        return column.map {
            .range(column: $0.text, minimum: minimum?.text, maximum: maximum?.text)
        }
    }

    private func limit(_ key: String, _ fields: Fields, _ type: ColumnType?) -> Word? {
        guard let word = fields[key].flatMap({ findings.word($0, "`\(key)`") }) else { return nil }
        if let type { return findings.check(word, is: type, for: fields.owner) ? word : nil }
        if ColumnType.double.accepts(word.text) || TimeText(word.text) != nil { return word }
        findings.report(
            .valueOfOtherType, "`\(word.text)` is neither a number nor a time", at: word)
        return nil
    }

    private func acceptedValues(_ node: YAMLNode) -> Check.Rule? {
        guard let fields = fields(node, .accepted_values) else { return nil }
        let column = column(fields)
        let type = columns?.first { $0.name == column?.text }?.type ?? .text
        let values =
            fields.required("values").map { node in
                findings.items(node, "accepted values") { item in
                    let word =
                        type == .text
                        ? findings.text(item, "a value") : findings.word(item, "a value")
                    return word.flatMap {
                        findings.check($0, is: type, for: fields.owner) ? $0 : nil
                    }
                }
            } ?? []
        return column.map { .acceptedValues(column: $0.text, values: values.map(\.text)) }
    }

    private func reference(_ node: YAMLNode) -> Check.Rule? {
        guard let fields = fields(node, .reference) else { return nil }
        let column = column(fields)
        guard let to = fields.required("to").flatMap({ findings.text($0, "`to`") }) else {
            return nil
        }
        let parts = to.text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            findings.report(
                .badValue, "`\(to.text)` names no column of a table", at: to,
                fix: "write table.column, like books.book_id")
            return nil
        }
        let table = to.part(parts[0])
        let target = to.part(parts[1])
        reading.afterwards { reading.checkTable(table, column: target) }
        return column.map {
            .reference(column: $0.text, to: table.text, toColumn: target.text)
        }
    }

    private func rowCount(_ node: YAMLNode) -> Check.Rule? {
        guard let fields = fields(node, .row_count) else { return nil }
        let limits = wholeLimits(fields, "the row count")
        return .rowCount(minimum: limits.minimum, maximum: limits.maximum)
    }

    func wholeLimits(_ fields: Fields, _ what: String) -> (minimum: Int?, maximum: Int?) {
        if fields["min"] == nil, fields["max"] == nil,
            !fields.isMisspelt("min"), !fields.isMisspelt("max")
        {
            findings.report(
                .missingKey, "\(what) has neither `min` nor `max`", at: fields.place,
                fix: "add one of them or both")
        }
        let minimum = fields["min"].flatMap { findings.integer($0, "`min`", in: 0...Int.max) }
        let maximum = fields["max"].flatMap { findings.integer($0, "`max`", in: 0...Int.max) }
        if let minimum, let maximum, minimum > maximum {
            findings.report(
                .reversedLimits, "min `\(minimum)` is above max `\(maximum)` in \(what)",
                at: fields.word(of: "min"), fix: "exchange them")
        }
        return (minimum, maximum)
    }

    private func sql(_ node: YAMLNode) -> String {
        let use = SQLReader.Use(
            what: "a check of \(owner)", extra: Pipeline.tableWord, seesTables: true)
        return SQLReader.read(node, use, reading)
    }
}
