/// Cuts SQL into code, quoted text and comments by PostgreSQL's lexical rules, which DuckDB shares:
/// `'…'`, `"…"`, `E'…'`, `$tag$…$tag$`, `-- …` and nested `/* … */`.
struct SQLScanner {
    private let text: String
    private var at: String.Index
    private var codeStart: String.Index
    private var found: [SQLText.Piece] = []

    init(_ text: String) {
        self.text = text
        at = text.startIndex
        codeStart = text.startIndex
    }

    mutating func pieces() -> [SQLText.Piece] {
        while at < text.endIndex {
            if let end = quotedEnd() {
                add(.quoted, until: end)
            } else if let end = commentEnd() {
                add(.comment, until: end)
            } else {
                at = text.index(after: at)
            }
        }
        closeCode()
        return found
    }

    /// Adds the piece from here to `end`; nil means that the text ends inside it.
    private mutating func add(_ kind: SQLText.Kind, until end: String.Index??) {
        closeCode()
        let closed = end.flatMap { $0 }
        let stop = closed ?? text.endIndex
        found.append(.init(kind: kind, text: text[at..<stop], isClosed: closed != nil))
        at = stop
        codeStart = stop
    }

    private mutating func closeCode() {
        guard codeStart < at else { return }
        found.append(.init(kind: .code, text: text[codeStart..<at], isClosed: true))
    }

    /// Nil when no quote starts here; `.some(nil)` when one starts and never ends.
    private func quotedEnd() -> String.Index?? {
        switch text[at] {
        case "'": .some(quoteEnd("'", escapes: hasEscapePrefix))
        case "\"": .some(quoteEnd("\"", escapes: false))
        case "$": dollarEnd()
        default: nil
        }
    }

    private func quoteEnd(_ quote: Character, escapes: Bool) -> String.Index? {
        var index = text.index(after: at)
        while index < text.endIndex {
            let next = text.index(after: index)
            if escapes, text[index] == "\\", next < text.endIndex {
                index = text.index(after: next)
            } else if text[index] != quote {
                index = next
            } else if next < text.endIndex, text[next] == quote {
                index = text.index(after: next)
            } else {
                return next
            }
        }
        return nil
    }

    /// True right behind the `E` of an `E'…'` text, where a backslash hides a quote.
    private var hasEscapePrefix: Bool {
        guard at > codeStart else { return false }
        let letter = text.index(before: at)
        guard text[letter] == "e" || text[letter] == "E" else { return false }
        return letter == codeStart || !isWordPart(text[text.index(before: letter)])
    }

    private func dollarEnd() -> String.Index?? {
        if at > codeStart, isWordPart(text[text.index(before: at)]) { return nil }
        let inside = text[text.index(after: at)...]
        guard let close = inside.firstIndex(of: "$") else { return nil }
        let tag = text[at...close]
        let name = tag.dropFirst().dropLast()
        guard name.allSatisfy(isWordPart), name.first?.isNumber != true else { return nil }
        var index = text.index(after: close)
        while index < text.endIndex {
            if text[index...].hasPrefix(tag) {
                return .some(text.index(index, offsetBy: tag.count))
            }
            index = text.index(after: index)
        }
        return .some(nil)
    }

    private func commentEnd() -> String.Index?? {
        let rest = text[at...]
        if rest.hasPrefix("--") {
            return .some(rest.firstIndex(where: \.isNewline) ?? text.endIndex)
        }
        guard rest.hasPrefix("/*") else { return nil }
        var depth = 0
        var index = at
        while index < text.endIndex {
            if text[index...].hasPrefix("/*") {
                depth += 1
                index = text.index(index, offsetBy: 2)
            } else if text[index...].hasPrefix("*/") {
                depth -= 1
                index = text.index(index, offsetBy: 2)
                if depth == 0 { return .some(index) }
            } else {
                index = text.index(after: index)
            }
        }
        return .some(nil)
    }

    private func isWordPart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_"
    }
}
