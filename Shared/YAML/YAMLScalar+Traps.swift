extension YAMLScalar {
    /// Why this plain text is not surely a text: YAML 1.1 and its readers make something else of
    /// it. Nil when it is quoted or harmless.
    public var trap: String? {
        guard isPlain else { return nil }
        if Self.switchWords.contains(text.lowercased()) {
            return "YAML 1.1 reads a plain `\(text)` as a boolean"
        }
        if isNull { return "YAML reads a plain `\(text)` as nothing" }
        guard let first = text.utf8.first, "+-0123456789".utf8.contains(first) else { return nil }
        return numberTrap
    }

    private var numberTrap: String? {
        if text.wholeMatch(of: /[-+]?0[0-7_]+/) != nil {
            return "YAML 1.1 reads a plain `\(text)` as an octal number"
        }
        if text.wholeMatch(of: /[-+]?[0-9]{1,2}(:[0-5]?[0-9])+(\.[0-9]*)?/) != nil {
            return "YAML 1.1 reads a plain `\(text)` as a number of base 60"
        }
        if text.wholeMatch(of: /[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ].*)?/) != nil {
            return "YAML 1.1 reads a plain `\(text)` as a date"
        }
        if text.wholeMatch(of: /[-+]?0[xX][0-9a-fA-F_]+/) != nil {
            return "YAML reads a plain `\(text)` as a hexadecimal number"
        }
        return nil
    }

    private static let switchWords: Set<String> = [
        "yes", "no", "on", "off", "true", "false",
    ]
}
