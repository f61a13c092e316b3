import YAML

/// Reads which program a source runs, and when.
struct ProgramReader {
    static let command = Key(
        "command", .keys(Keys(keys)), "A program that prints JSON lines or CSV",
        example: "{run: [orders-export, --all], every: 10m}")
    /// The keys of every source that runs a program.
    static let keys: [Key] =
        [
            Key(
                "run", .oneOrMore(.value), "The program and its arguments; no shell reads them",
                example: "[orders-export, --all]", isRequired: true)
        ] + TriggerReader.whenKeys + [
            Key(
                "timeout", .pattern("[0-9]{1,6}[smhd]"),
                "A longer run is ended, and has failed; 1h by default", example: "10m"),
            Key(
                "env", .texts(.setting), "Variables of its environment",
                example: "{API_KEY: \"${secret:shop}\"}"),
        ]
    /// Stands in for a program that could not be read.
    static let none = SourceProgram(run: [], when: .every(seconds: 3_600))
    private static let longest = 7 * 86_400

    let findings: Findings

    func command(_ node: YAMLNode, of dataset: String) -> SourceProgram {
        let owner = "the command of dataset `\(dataset)`"
        guard
            let fields = Fields(
                node, of: owner, at: Word("", at: node.start), keys: Keys(Self.keys), findings)
        else { return Self.none }
        return program(fields)
    }

    /// Reads the keys that all programs have.
    func program(_ fields: Fields) -> SourceProgram {
        var program = Self.none
        program.run = fields.required("run", fix: "write run: [program, argument]").map(words) ?? []
        program.when = TriggerReader(findings: findings).when(fields, shortest: 1) ?? program.when
        program.environment = fields["env"].map(environment) ?? [:]
        if let node = fields["timeout"],
            let seconds = findings.seconds(node, "a time limit", in: 1...Self.longest, "1s")
        {
            program.timeoutSeconds = seconds
        }
        return program
    }

    private func words(_ node: YAMLNode) -> [String] {
        var items = [node]
        if case .sequence(let list) = node.content { items = list }
        let words = items.compactMap { findings.word($0, "the program and its arguments") }
        guard let program = words.first else {
            if items.isEmpty {
                findings.report(
                    .empty, "there is no program in `run`", at: Word("[]", at: node.start),
                    fix: "write run: [program, argument]")
            }
            return []
        }
        let parts = program.text.split(separator: "/", omittingEmptySubsequences: false)
        let isPath = parts.count > 1
        if isPath && !program.text.hasPrefix("/") || parts.contains("..") || parts.contains(".")
            || program.text.contains(where: \.isWhitespace) || parts.last?.isEmpty ?? true
        {
            findings.report(
                .badPath, "`\(program.text)` does not name a program", at: program,
                fix: "write its name or absolute path, and each argument as an item of its own: "
                    + "run: [program, argument]")
        }
        return words.map(\.text)
    }

    private func environment(_ node: YAMLNode) -> [String: SettingValue] {
        var values: [String: SettingValue] = [:]
        for entry in findings.entries(node, "variables") {
            let name = Word(entry.key, at: entry.start)
            guard Self.isVariable(name.text) else {
                findings.report(
                    .badValue, "`\(name.text)` cannot be set for a program", at: name,
                    fix: "a variable has letters, digits and `_`; none begins with LD_")
                continue
            }
            let value = SettingReader(findings: findings).scalar(entry.value, name.text)
            if let value { values[name.text] = value }
        }
        return values
    }

    /// What the loader of programs obeys is nobody's to set.
    private static func isVariable(_ text: String) -> Bool {
        guard let first = text.utf8.first, !(48...57).contains(first), !text.hasPrefix("LD_") else {
            return false
        }
        return text.utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95
        }
    }
}

/// Reads values that are handed on to a program.
struct SettingReader {
    let findings: Findings

    /// A text or a secret.
    func scalar(_ node: YAMLNode, _ what: String) -> SettingValue? {
        guard let word = findings.word(node, "`\(what)`") else { return nil }
        return secret(word) ?? .text(word.text)
    }

    /// Any value. Plain numbers, `true`, `false` and `null` are what they seem to be.
    func value(_ node: YAMLNode, _ what: String) -> SettingValue? {
        switch node.content {
        case .sequence(let items): return .list(items.compactMap { value($0, what) })
        case .mapping(let entries): return .mapping(mapping(entries))
        case .scalar(let scalar):
            if scalar.isNull { return .null }
            guard let word = findings.word(node, "`\(what)`") else { return nil }
            if let secret = secret(word) { return secret }
            guard scalar.isPlain else { return .text(word.text) }
            if ["true", "false"].contains(word.text) { return .boolean(word.text == "true") }
            if Self.isNumber(word.text) { return .number(word.text) }
            guard let trap = scalar.trap else { return .text(word.text) }
            findings.reportTrap(trap, word, "`\(what)`")
            return nil
        }
    }

    func mapping(_ entries: [YAMLEntry]) -> [String: SettingValue] {
        Dictionary(
            entries.compactMap { entry in
                value(entry.value, entry.key.text).map { (entry.key.text, $0) }
            }, uniquingKeysWith: { $1 })
    }

    private func secret(_ word: Word) -> SettingValue? {
        SecretRule.reference(word.text).map { .secret(SecretReference($0)) }
    }

    /// True for a number as JSON writes it.
    private static func isNumber(_ text: String) -> Bool {
        text.wholeMatch(of: /-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,17})?([eE][-+]?[0-9]{1,3})?/) != nil
    }
}
