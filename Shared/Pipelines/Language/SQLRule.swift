/// What SQL must be like: one SELECT, quotes closed, every `{{name}}` known.
struct SQLRule {
    let source: SQLSource
    let use: SQLReader.Use
    let reading: Reading
    private var findings: Findings { reading.findings }

    init(source: SQLSource, use: SQLReader.Use, reading: Reading) {
        self.source = source
        self.use = use
        self.reading = reading
    }

    /// Looks at the text itself; false when looking at its names makes no sense.
    func check() -> Bool {
        if let open = source.sql.pieces.first(where: { !$0.isClosed }) {
            source.report(
                .badSQL, "a quote or comment is not closed in the SQL of \(use.what)",
                at: open.text.startIndex..<open.text.endIndex, fix: "close it", findings)
            return false
        }
        let count = source.sql.statementCount
        guard count > 0 else {
            source.report(
                .empty, "the SQL of \(use.what) is empty", fix: "write one SELECT", findings)
            return false
        }
        if count > 1 {
            source.report(
                .badSQL, "the SQL of \(use.what) has \(count) statements",
                at: source.sql.secondStatement, fix: "keep one SELECT; models may read models",
                findings)
            return false
        }
        if !["select", "with"].contains(source.sql.firstWord) {
            source.report(
                .badSQL, "the SQL of \(use.what) starts with `\(source.sql.firstWord)`",
                fix: "write one SELECT, or WITH … SELECT", findings)
        }
        return true
    }

    /// Looks at the `{{name}}`s, when all names of the pipeline are known.
    func checkNames() {
        let template = SQLTemplate(source.text)
        let areKnown = template.slots.map(check).allSatisfy { $0 }
        guard checkBraces(template), areKnown else { return }
        if let extra = use.extra, !template.names.contains(extra) {
            source.report(
                .unusedInput, "the SQL of \(use.what) does not read {{\(extra)}}",
                fix: "select from {{\(extra)}}", findings)
        }
        if use.extra == nil,
            template.names.allSatisfy({ [nil, .parameter].contains(reading.names[$0]) })
        {
            source.report(
                .unusedInput, "\(use.what) reads no dataset, so nothing would refresh it",
                fix: "name a dataset: {{\(reading.names(of: .dataset).first ?? "dataset")}}",
                findings)
        }
    }

    private func check(_ slot: SQLTemplate.Slot) -> Bool {
        if slot.name == use.extra { return true }
        if use.seesTables, let kind = reading.names[slot.name] {
            if kind == .parameter { reading.usage.use(.parameter, slot.name) }
            return true
        }
        let tables = use.seesTables ? reading.names(of: .dataset, .model, .parameter) : []
        let choices = (use.extra.map { [$0] } ?? []) + tables
        source.report(
            .unknownSlot, "nothing is called `\(slot.name)`", at: slot.range,
            suggestion: Spelling.nearest(to: slot.name, among: choices),
            fix: "names there: \(choices.joined(separator: ", "))", findings)
        return false
    }

    /// Braces that are no name, or that stand where names are not filled in; false when there are
    /// any.
    private func checkBraces(_ template: SQLTemplate) -> Bool {
        var isRight = true
        for piece in source.sql.pieces where piece.kind != .comment {
            for range in piece.text.ranges(of: "{{") {
                let isSlot = template.slots.contains { $0.range.lowerBound == range.lowerBound }
                guard !isSlot else { continue }
                isRight = false
                let isQuoted = piece.kind == .quoted
                source.report(
                    .quotedSlot,
                    isQuoted ? "a `{{name}}` inside quotes stays as it is" : "`{{` without a name",
                    at: range,
                    fix: isQuoted
                        ? "remove the quotes: a parameter brings its own, a table needs none"
                        : "write {{name}}", findings)
            }
        }
        return isRight
    }
}
