extension YAMLScalar {
    /// Why this plain text is not surely a text: YAML 1.1 and its readers make something else of
    /// it. Nil when it is quoted or harmless.
    public var trap: String? {
        guard isPlain else { return nil }
        if Self.switchWords.contains(text.lowercased()) {
            return "YAML 1.1 reads a plain `\(text)` as a boolean"
        }
        if isNull { return "YAML reads a plain `\(text)` as nothing" }
        guard beginsLikeNumber else { return nil }
        if text.wholeMatch(of: /[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?/) != nil {
            return "YAML 1.1 reads a plain `\(text)` as a date"
        }
        return numberTrap
    }

    /// Why this plain text is not surely the number that it seems to be.
    public var numberTrap: String? {
        guard isPlain, beginsLikeNumber else { return nil }
        if text.wholeMatch(of: /[-+]?0[0-7_]+/) != nil {
            return "YAML 1.1 reads a plain `\(text)` as an octal number"
        }
        if text.wholeMatch(of: /[-+]?[0-9]+(:[0-5]?[0-9])+(\.[0-9]*)?/) != nil {
            return "YAML 1.1 reads a plain `\(text)` as a number of base 60"
        }
        if text.wholeMatch(of: /[-+]?[0-9][0-9.]*_[0-9._]*/) != nil {
            return "YAML 1.1 reads a plain `\(text)` as a number without its `_`"
        }
        if text.wholeMatch(of: /[-+]?0([xX][0-9a-fA-F_]+|[bB][01_]+|o[0-7]+)/) != nil {
            return "YAML reads a plain `\(text)` as a number of another base"
        }
        if text.wholeMatch(of: /([-+]?\.inf|\.nan)/.ignoresCase()) != nil {
            return "YAML reads a plain `\(text)` as no finite number"
        }
        return nil
    }

    /// Why this plain key is not surely a text.
    public var keyTrap: String? {
        guard isPlain else { return nil }
        if text == "<<" { return "YAML 1.1 reads a plain `<<` as a merge of mappings" }
        if let trap { return trap }
        guard beginsLikeNumber else { return nil }
        let isNumber = text.wholeMatch(of: /[-+]?[0-9]+(\.[0-9]*)?([eE][-+]?[0-9]+)?/) != nil
        return isNumber ? "YAML reads a plain `\(text)` as a number" : nil
    }

    /// Looking at the first character is what makes looking for patterns cheap.
    private var beginsLikeNumber: Bool {
        text.utf8.first.map("+-.0123456789".utf8.contains) ?? false
    }

    private static let switchWords: Set<String> = [
        "yes", "no", "on", "off", "true", "false",
    ]
}
