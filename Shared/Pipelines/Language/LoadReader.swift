import YAML

/// Reads how rows get into the table.
struct LoadReader {
    static let shape = Shape.either([.words(of: Load.Mode.self), .keys(keys)])
    private static let keys: Keys = [
        Key("mode", .words(of: Load.Mode.self), "How rows get into the table"),
        Key("key", .oneOrMore(.name), "The columns that name a row", example: "book_id"),
        Key(
            "newest_by", .name, "The column whose larger value wins, or when a version begins",
            example: "updated_at"),
        Key(
            "delete_when", .text, "A condition over the columns: such a row deletes its key",
            example: "\"status = 'deleted'\""),
        Key("never_empty", .boolean, "False lets an extract without rows empty the table"),
        Key(
            "max_shrink", .text, "An extract with so many fewer rows than the last is refused",
            example: "20%"),
    ]

    let owner: String
    let findings: Findings

    /// The columns of the key and of `newest_by` become required: a row without them has no place.
    func read(_ node: YAMLNode, columns: inout [Column]) -> Load {
        var load = Load(mode: .append, key: [], newestBy: nil)
        guard case .mapping = node.content else {
            guard let mode = findings.choice(node, "mode", of: Load.Mode.self) else { return load }
            load.mode = mode
            if mode.needsKey { reportKeyless(mode, Word(mode.rawValue, at: node.start)) }
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
        load.deleteWhen = fields["delete_when"].flatMap { condition($0, columns) }
        load.neverEmpty = fields["never_empty"].flatMap { findings.boolean($0, "`never_empty`") }
        load.maxShrink = fields["max_shrink"].flatMap(share)
        // Where the mode itself is wrong, nothing follows from it.
        if mode != .some(nil) { LoadRule(load: load, fields: fields, columns: columns).check(self) }
        return load
    }

    func reportKeyless(_ mode: Load.Mode, _ word: Word) {
        findings.report(
            .keylessMerge,
            mode == .scd2
                ? "\(owner) keeps the history of rows without a key"
                : "\(owner) is merged without a key", at: word,
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

    private func share(_ node: YAMLNode) -> Double? {
        guard let word = findings.word(node, "`max_shrink`") else { return nil }
        if case .percent(let percent) = RejectLimit(word.text) { return percent }
        findings.report(
            .badValue, "`\(word.text)` is no share of an extract", at: word,
            fix: "write how much smaller one may be than the last, like 20%")
        return nil
    }

    private func condition(_ node: YAMLNode, _ columns: [Column]) -> String? {
        guard let word = findings.text(node, "`delete_when`") else { return nil }
        let rule = ConditionRule(
            word, what: "`delete_when` of \(owner)", owner: owner, columns: columns.map(\.name))
        return rule.check(findings)
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

/// Which options of a load go together.
private struct LoadRule {
    let load: Load
    let fields: Fields
    let columns: [Column]

    func check(_ reader: LoadReader) {
        if load.mode.needsKey, fields["key"] == nil, !fields.isMisspelt("key") {
            reader.reportKeyless(load.mode, fields.word(of: "mode"))
        }
        switch load.mode {
        case .append:
            misplaced("key", fix: "write mode: merge, or remove it")
            misplaced("newest_by", fix: "write mode: merge, or remove it")
        case .replace where fields["key"] == nil:
            misplaced("newest_by", fix: "it decides between rows of one key: add key:")
        case .scd2:
            need("newest_by", "the time from which each version holds")
            checkTime()
        case .merge where fields["delete_when"] != nil:
            need("newest_by", "what is newer, so that an older row does not come back")
        case .merge, .replace: break
        }
        if load.mode != .merge {
            misplaced("delete_when", fix: "only a merge deletes: write mode: merge, or remove it")
        }
        if load.mode != .replace {
            misplaced("never_empty", fix: "only `replace` can empty a table: remove it")
            misplaced("max_shrink", fix: "only for `replace` is a file all there is: remove it")
        }
        checkKeyColumn()
    }

    private func misplaced(_ key: String, fix: String) {
        guard fields[key] != nil else { return }
        let keyless = load.mode == .replace && key == "newest_by" ? " without a key" : ""
        fields.findings.report(
            .misplacedOption, "`\(key)` has no meaning for `\(load.mode.rawValue)`\(keyless)",
            at: fields.keyWord(key) ?? fields.place, fix: fix)
    }

    private func need(_ key: String, _ what: String) {
        guard fields[key] == nil, !fields.isMisspelt(key) else { return }
        fields.findings.report(
            .missingKey, "key `\(key)` is missing in \(fields.owner): \(what)",
            at: fields.keyWord("delete_when") ?? fields.word(of: "mode"), suggestion: key,
            fix: "write \(key): and a column of the dataset")
    }

    private func checkTime() {
        guard let type = columns.first(where: { $0.name == load.newestBy })?.type,
            type.isOrdered, !type.isTime
        else { return }
        fields.findings.report(
            .misplacedOption,
            "`\(load.newestBy ?? "")` is \(type.rawValue), and a version holds from a time on",
            at: fields.word(of: "newest_by"), fix: "take a column of dates or times")
    }

    /// A time in the key would make each version a row of its own.
    private func checkKeyColumn() {
        guard let newest = load.newestBy, load.key.contains(newest),
            load.mode == .scd2 || load.deleteWhen != nil
        else { return }
        fields.findings.report(
            .misplacedOption, "`\(newest)` is in the key and says what is newer",
            at: fields.word(of: "newest_by"), fix: "take it out of the key")
    }
}

extension Load.Mode {
    fileprivate var needsKey: Bool { self == .merge || self == .scd2 }
}

extension Findings {
    /// Notes a column that its table does not have.
    func reportUnknownColumn(_ word: Word, of owner: String, among columns: [String]) {
        reportUnknown(
            .unknownColumn, "\(owner) has no column `\(word.text)`", word, among: columns,
            called: "columns there")
    }
}
