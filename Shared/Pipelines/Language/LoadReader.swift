import YAML

/// Reads how rows get into the table.
struct LoadReader {
    static let shape = Shape.either([.words(of: Load.Mode.self), .keys(keys)])
    private static let keys: Keys = [
        Key("mode", .words(of: Load.Mode.self), "How rows get into the table"),
        Key("key", .oneOrMore(.name), "The columns that name a row", example: "book_id"),
        Key("newest_by", .name, "The column whose larger value wins", example: "updated_at"),
    ]

    let owner: String
    let findings: Findings

    /// The columns of the key and of `newest_by` become required: a row without them has no place.
    func read(_ node: YAMLNode, columns: inout [Column]) -> Load {
        var load = Load(mode: .append, key: [], newestBy: nil)
        guard case .mapping = node.content else {
            guard let mode = findings.choice(node, "mode", of: Load.Mode.self) else { return load }
            load.mode = mode
            if mode == .merge { reportKeyless(Word("merge", at: node.start)) }
            return load
        }
        let place = Word("", at: node.start)
        guard
            let fields = Fields(
                node, of: "the load of \(owner)", at: place, keys: Self.keys, findings)
        else { return load }
        let mode = fields["mode"].map { findings.choice($0, "mode", of: Load.Mode.self) }
        load.mode = (mode ?? (fields["key"] == nil ? .append : .merge)) ?? .append
        load.key = fields["key"].map { key($0, &columns) } ?? []
        load.newestBy = fields["newest_by"].flatMap { newest($0, &columns) }
        // Where the mode itself is wrong, nothing follows from it.
        if mode != .some(nil) { checkMode(load, fields) }
        return load
    }

    private func checkMode(_ load: Load, _ fields: Fields) {
        switch load.mode {
        case .merge where fields["key"] == nil:
            if !fields.isMisspelt("key") { reportKeyless(fields.word(of: "mode")) }
        case .append:
            for key in ["key", "newest_by"] where fields[key] != nil {
                findings.report(
                    .misplacedOption, "`\(key)` has no meaning for `append`",
                    at: fields.keyWord(key) ?? fields.place,
                    fix: "write mode: merge, or remove it")
            }
        case .merge: break
        }
    }

    private func reportKeyless(_ word: Word) {
        findings.report(
            .keylessMerge, "\(owner) is merged without a key", at: word,
            fix: "add key: with the columns that name a row, or write load: append")
    }

    private func key(_ node: YAMLNode, _ columns: inout [Column]) -> [String] {
        findings.texts(node, "key columns").compactMap { require($0, &columns) }
    }

    private func newest(_ node: YAMLNode, _ columns: inout [Column]) -> String? {
        guard let word = findings.text(node, "newest_by"), let name = require(word, &columns)
        else { return nil }
        let type = columns.first { $0.name == name }?.type
        if let type, !type.isOrdered {
            findings.report(
                .misplacedOption, "`\(name)` is \(type.rawValue), which does not say what is newer",
                at: word, fix: "take a column of numbers, dates or times")
        }
        return name
    }

    private func require(_ word: Word, _ columns: inout [Column]) -> String? {
        guard let index = columns.firstIndex(where: { $0.name == word.text }) else {
            findings.reportUnknownColumn(word, of: owner, among: columns.map(\.name))
            return nil
        }
        if columns[index].isOptional {
            findings.report(
                .optionalKey, "column `\(word.text)` is optional, but rows need it", at: word,
                fix: "remove `optional` from the column")
        }
        columns[index].isRequired = true
        return word.text
    }
}

extension Findings {
    /// Notes a column that its table does not have.
    func reportUnknownColumn(_ word: Word, of owner: String, among columns: [String]) {
        reportUnknown(
            .unknownColumn, "\(owner) has no column `\(word.text)`", word, among: columns,
            called: "columns there")
    }
}
