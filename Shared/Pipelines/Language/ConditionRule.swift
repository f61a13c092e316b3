/// What a condition over the columns of one row must be like: one expression of the warehouse's
/// SQL, closed in itself, that names nothing but columns.
struct ConditionRule {
    private let source: SQLSource
    private let what: String
    private let owner: String
    private let columns: [String]

    init(_ word: Word, what: String, owner: String, columns: [String]) {
        source = SQLSource(text: word.text, file: nil, place: word)
        self.what = what
        self.owner = owner
        self.columns = columns
    }

    /// The condition as it can stand between brackets; nil when something is wrong, which is noted.
    func check(_ findings: Findings) -> String? {
        if let open = source.sql.pieces.first(where: { !$0.isClosed }) {
            return report(
                "a quote or comment is not closed in \(what)",
                open.text.startIndex..<open.text.endIndex, "close it", findings)
        }
        if source.sql.statementCount == 0 {
            source.report(
                .empty, "\(what) is empty", fix: "write a condition, like status = 'deleted'",
                findings)
            return nil
        }
        if let end = range(of: ";") {
            return report(
                "\(what) is one expression, without `;`", end, "write one condition", findings)
        }
        if let range = unbalanced {
            return report("a bracket has no other half in \(what)", range, "add it", findings)
        }
        if let slot = range(of: "{{") {
            return report(
                "\(what) sees the columns of its row alone", slot, "write the value itself",
                findings)
        }
        let unknown = names.filter { !isKnown($0) }
        for word in unknown { note(word, findings) }
        return unknown.isEmpty ? source.sql.trimmed : nil
    }

    private var code: [Substring] {
        source.sql.pieces.filter { $0.kind == .code }.map(\.text)
    }

    private func range(of text: String) -> Range<String.Index>? {
        code.lazy.compactMap { $0.firstRange(of: text) }.first
    }

    /// The first bracket that closes nothing, or the last that nothing closes.
    private var unbalanced: Range<String.Index>? {
        var open: [String.Index] = []
        for piece in code {
            for index in piece.indices {
                if piece[index] == "(" { open.append(index) }
                if piece[index] == ")", open.popLast() == nil {
                    return index..<source.text.index(after: index)
                }
            }
        }
        return open.last.map { $0..<source.text.index(after: $0) }
    }

    /// The words that could be names: no functions, and no types behind `::`.
    private var names: [Substring] {
        let words = code.flatMap { piece in
            piece.matches(of: /(::\s*)?[A-Za-z_][A-Za-z0-9_]*(\s*\()?/)
                .filter { $0.output.1 == nil }
                .compactMap { match -> Substring? in
                    let word = match.output.0.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
                    let isCalled = match.output.2 != nil && !Self.forbidden.contains(lower(word))
                    return isCalled ? nil : word
                }
        }
        let quoted = source.sql.pieces
            .filter { $0.kind == .quoted && $0.text.hasPrefix("\"") }.map(\.text)
        return words + quoted
    }

    private func isKnown(_ word: Substring) -> Bool {
        if word.hasPrefix("\"") { return columns.contains(String(word.dropFirst().dropLast())) }
        return columns.contains(lower(word)) || Self.words.contains(lower(word))
    }

    private func note(_ word: Substring, _ findings: Findings) {
        guard !Self.forbidden.contains(lower(word)) else {
            _ = report(
                "\(what) cannot look into tables", word.startIndex..<word.endIndex,
                "write a condition over the columns", findings)
            return
        }
        source.report(
            .unknownColumn, "\(owner) has no column `\(word)`",
            at: word.startIndex..<word.endIndex,
            suggestion: Spelling.nearest(to: lower(word), among: columns),
            fix: "columns there: \(columns.joined(separator: ", ")); quote texts with '",
            findings)
    }

    private func report(
        _ message: String, _ range: Range<String.Index>, _ fix: String, _ findings: Findings
    ) -> String? {
        source.report(.badSQL, message, at: range, fix: fix, findings)
        return nil
    }

    private func lower(_ word: Substring) -> String { word.lowercased() }

    private static let forbidden: Set<String> = ["select", "table", "values"]

    /// The words of expressions.
    private static let words: Set<String> = [
        "e", "and", "or", "not", "from", "with", "is", "null", "isnull", "notnull", "in", "like",
        "ilike", "between",
        "similar", "to", "escape", "any", "all", "some", "array", "true", "false", "unknown",
        "case", "when", "then", "else", "end", "distinct", "symmetric", "cast", "as", "at", "time",
        "zone", "interval", "date", "timestamp", "timestamptz", "current_date",
        "current_timestamp", "localtimestamp", "bigint", "integer", "int", "smallint", "text",
        "numeric", "boolean", "double", "precision", "jsonb",
    ]
}
