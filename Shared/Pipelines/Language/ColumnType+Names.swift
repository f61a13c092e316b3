extension ColumnType {
    /// All types, for messages.
    static let list = allCases.map(\.rawValue).joined(separator: ", ")

    /// What other systems call the types.
    fileprivate static let otherNames: [String: ColumnType] = [
        "int": .integer, "int2": .smallint, "int4": .integer, "int8": .bigint, "long": .bigint,
        "float": .double, "float8": .double, "real": .double, "number": .decimal,
        "numeric": .decimal, "money": .decimal, "bool": .boolean, "string": .text,
        "varchar": .text, "char": .text, "datetime": .timestamp, "jsonb": .json, "object": .json,
    ]
}

extension Findings {
    /// The type of that name.
    func columnType(_ word: Word) -> ColumnType? {
        if let type = ColumnType(rawValue: word.text) { return type }
        let other = ColumnType.otherNames[word.text.lowercased()]?.rawValue
        report(
            .unknownWord, "`\(word.text)` is no type", at: word,
            suggestion: other
                ?? Spelling.nearest(to: word.text, among: ColumnType.allCases.map(\.rawValue)),
            fix: "types: \(ColumnType.list)")
        return nil
    }
}
