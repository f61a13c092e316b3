import YAML

/// Reads `contract`: one word for all, or a word for each kind of surprise.
enum ContractReader {
    /// One word for all three.
    private enum OneWord: String, CaseIterable {
        case freeze, evolve
        case discardValue = "discard_value"
        case discardRow = "discard_row"
    }

    static let key = Key(
        "contract", .either([.words(of: OneWord.self), .keys(keys)]),
        "What becomes of data that is not as declared", example: "evolve")
    private static let keys: Keys = [
        Key(
            "new_columns", .words(of: Contract.NewColumns.self),
            "For fields that no column takes; freeze by default"),
        Key(
            "missing_columns", .words(of: Contract.MissingColumns.self),
            "For columns whose field a file lacks; freeze by default"),
        Key(
            "changed_types", .words(of: Contract.ChangedTypes.self),
            "For values that do not fit their column's type; discard_row by default"),
        Key(
            "truncated", .words(of: Contract.Truncated.self),
            "For packed files that end early; refuse by default"),
    ]

    /// - Parameter contract: What holds where the node says nothing.
    static func read(_ node: YAMLNode, over contract: Contract, _ findings: Findings) -> Contract {
        var contract = contract
        guard case .mapping = node.content else {
            guard let word = findings.choice(node, "contract", of: OneWord.self) else {
                return contract
            }
            contract.newColumns = .init(rawValue: word.rawValue) ?? .freeze
            // A column that is missing has nothing to discard.
            contract.missingColumns = .init(rawValue: word.rawValue) ?? .freeze
            contract.changedTypes = .init(rawValue: word.rawValue) ?? .discardRow
            return contract
        }
        let place = Word("", at: node.start)
        guard let fields = Fields(node, of: "the contract", at: place, keys: keys, findings) else {
            return contract
        }
        func choice<Choice: CaseIterable & RawRepresentable<String>>(
            _ key: String, _ value: inout Choice
        ) {
            guard let node = fields[key] else { return }
            value = findings.choice(node, "word for `\(key)`", of: Choice.self) ?? value
        }
        choice("new_columns", &contract.newColumns)
        choice("missing_columns", &contract.missingColumns)
        choice("changed_types", &contract.changedTypes)
        choice("truncated", &contract.truncated)
        return contract
    }
}
