import YAML

/// Reads what a column's values must be like, and whether that fits its type.
struct ColumnOptions {
    let owner: String
    let fields: Fields
    private var findings: Findings { fields.findings }

    init(owner: String, fields: Fields) {
        self.owner = owner
        self.fields = fields
    }

    func read(into column: inout Column) {
        let type = column.type
        if let node = fits("format", type.isTime, "a date, timestamp or timestamptz") {
            column.formats = findings.texts(node, "formats").map(\.text)
            checkFormats(node, type)
        }
        if let node = fits("collapse_whitespace", type == .text, "a text") {
            column.collapsesWhitespace =
                findings.boolean(node, "`collapse_whitespace`") ?? false
        }
        if let node = fits("strip_html", type == .text, "a text"),
            findings.boolean(node, "`strip_html`") == true
        {
            column.stripsHTML = true
        }
        let ordered = "a number, date or time"
        let minimum = fits("min", type.isOrdered, ordered).flatMap { value($0, type) }
        let maximum = fits("max", type.isOrdered, ordered).flatMap { value($0, type) }
        findings.checkLimits(minimum, maximum, type, of: owner)
        column.minimum = minimum?.text
        column.maximum = maximum?.text
        if let node = fits("accepted", type != .json && type != .boolean, "text, number or time") {
            column.accepted = findings.items(node, "accepted values") { value($0, type) }
                .map(\.text)
        }
    }

    /// The option's value; notes it when the column's type has no use for it.
    private func fits(_ key: String, _ fits: Bool, _ types: String) -> YAMLNode? {
        guard let node = fields[key], !fits else { return fields[key] }
        findings.report(
            .misplacedOption, "`\(key)` does not fit the type of \(owner)",
            at: fields.keyWord(key) ?? Word("", at: node.start),
            fix: "it is for columns of \(types); change the type or remove it")
        return nil
    }

    private func value(_ node: YAMLNode, _ type: ColumnType) -> Word? {
        let word =
            type == .text ? findings.text(node, "a value") : findings.word(node, "a value")
        return word.flatMap { findings.check($0, is: type, for: owner) ? $0 : nil }
    }

    private func checkFormats(_ node: YAMLNode, _ type: ColumnType) {
        let items: [YAMLNode] =
            if case .sequence(let items) = node.content { items } else { [node] }
        for item in items {
            guard case .scalar(let scalar) = item.content else { continue }
            let word = Word(scalar, at: item.start)
            if let problem = TimeFormat.problem(scalar.text, for: type) {
                findings.report(.badValue, problem.message, at: word, fix: problem.fix)
            }
        }
    }
}

extension Findings {
    /// Notes limits in the wrong order.
    func checkLimits(_ minimum: Word?, _ maximum: Word?, _ type: ColumnType, of owner: String) {
        guard let minimum, let maximum, let low = type.order(of: minimum.text),
            let high = type.order(of: maximum.text), low > high
        else { return }
        report(
            .reversedLimits,
            "min `\(minimum.text)` is above max `\(maximum.text)` in \(owner)", at: minimum,
            fix: "exchange them")
    }
}
