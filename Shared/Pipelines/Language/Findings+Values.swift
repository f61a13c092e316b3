import YAML

/// Reading single values: what is not as expected is noted, and nil.
extension Findings {
    /// A scalar as it stands, for a value whose type decides how it is read.
    func word(_ node: YAMLNode, _ what: String) -> Word? {
        guard case .scalar(let scalar) = node.content else {
            reportKind(node, expected: "a text for \(what)")
            return nil
        }
        if scalar.isNull {
            reportKind(node, expected: "a text for \(what)")
            return nil
        }
        if let trap = scalar.numberTrap {
            reportTrap(trap, Word(scalar, at: node.start), what)
            return nil
        }
        return Word(scalar, at: node.start)
    }

    /// A text. Plain texts that YAML 1.1 takes for something else are refused.
    func text(_ node: YAMLNode, _ what: String) -> Word? {
        guard case .scalar(let scalar) = node.content, !scalar.text.isEmpty,
            let trap = scalar.trap
        else {
            return word(node, what)
        }
        reportTrap(trap, Word(scalar, at: node.start), what)
        return nil
    }

    /// A list of texts; a single one may stand without brackets.
    func texts(_ node: YAMLNode, _ what: String) -> [Word] {
        items(node, what) { text($0, what) }
    }

    /// The items of a list, or the one value in its place.
    func items(
        _ node: YAMLNode, _ what: String, mayBeEmpty: Bool = false, _ read: (YAMLNode) -> Word?
    ) -> [Word] {
        guard case .sequence(let items) = node.content else {
            return read(node).map { [$0] } ?? []
        }
        if items.isEmpty, !mayBeEmpty {
            report(.empty, "the list of \(what) is empty", at: Word("[]", at: node.start))
        }
        return withoutRepeats(items.compactMap(read), what)
    }

    /// The entries of a mapping whose keys the author chose. An empty one is refused.
    func entries(_ node: YAMLNode, _ what: String) -> [YAMLEntry] {
        guard case .mapping(let entries) = node.content else {
            reportKind(node, expected: "a mapping of \(what)")
            return []
        }
        if entries.isEmpty {
            report(.empty, "there are no \(what) in it", at: Word("{}", at: node.start))
        }
        return entries
    }

    /// `true` or `false`.
    func boolean(_ node: YAMLNode, _ what: String) -> Bool? {
        if case .scalar(let scalar) = node.content, scalar.isPlain {
            if scalar.text == "true" { return true }
            if scalar.text == "false" { return false }
            report(
                .badValue, "\(what) is `true` or `false`, not `\(scalar.text)`",
                at: Word(scalar, at: node.start), fix: "write true or false, without quotes")
            return nil
        }
        reportKind(node, expected: "true or false for \(what)")
        return nil
    }

    /// A whole number from `range`.
    func integer(_ node: YAMLNode, _ what: String, in range: ClosedRange<Int>) -> Int? {
        guard let word = word(node, what) else { return nil }
        if let number = Int(word.text), range.contains(number) { return number }
        let limits =
            range.upperBound == .max
            ? "at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
        report(.badValue, "\(what) is a whole number \(limits), not `\(word.text)`", at: word)
        return nil
    }

    /// A duration in milliseconds, written `250ms`, `2s` or `1m`.
    func milliseconds(_ node: YAMLNode, _ what: String) -> Int? {
        guard let word = word(node, what) else { return nil }
        if let match = word.text.wholeMatch(of: /([0-9]{1,6})(ms|s|m)/),
            let number = Int(match.output.1)
        {
            return number * (["ms": 1, "s": 1000, "m": 60_000][match.output.2] ?? 1)
        }
        report(
            .badValue, "`\(word.text)` is no duration", at: word,
            fix: "write a number with its unit: 250ms, 2s or 1m")
        return nil
    }

    /// How many rejects are not too many.
    func rejectLimit(_ node: YAMLNode, _ what: String = "`max_rejected`") -> RejectLimit? {
        guard let word = word(node, what) else { return nil }
        if let limit = RejectLimit(word.text) { return limit }
        report(
            .badValue, "`\(word.text)` is no limit of rejects", at: word,
            fix: "write a number of records, like 100, or a share of them, like 1%")
        return nil
    }

    /// One of the words of an enumeration.
    func choice<Choice: CaseIterable & RawRepresentable<String>>(
        _ node: YAMLNode, _ what: String, of type: Choice.Type
    ) -> Choice? {
        guard let word = word(node, what) else { return nil }
        if let choice = Choice(rawValue: word.text) { return choice }
        reportUnknown(
            .unknownWord, "`\(word.text)` is no \(what)", word,
            among: Choice.allCases.map(\.rawValue), called: "words for it")
        return nil
    }

    /// Notes a node of another shape.
    func reportKind(_ node: YAMLNode, expected: String) {
        var length = 1
        if case .scalar(let scalar) = node.content { length = scalar.written.count }
        report(
            .wrongKind, "\(expected) is expected here, not \(node.kindName)",
            at: Word("", at: node.start, length: length))
    }

    /// Notes a plain text that YAML takes for something else.
    func reportTrap(_ trap: String, _ word: Word, _ what: String) {
        report(
            .ambiguousText, "\(trap), so it is not sure what is meant for \(what)", at: word,
            fix: "quote it: \"\(word.text)\"")
    }

    private func withoutRepeats(_ words: [Word], _ what: String) -> [Word] {
        var seen: Set<String> = []
        return words.filter { word in
            let isNew = seen.insert(word.text).inserted
            if !isNew {
                report(
                    .repeatedItem, "`\(word.text)` is in the list of \(what) already", at: word,
                    fix: "keep one of them")
            }
            return isNew
        }
    }
}
