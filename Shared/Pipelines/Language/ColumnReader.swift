import YAML

/// Reads one column: `author_id: bigint required`, or a mapping with all that can be said.
struct ColumnReader {
    /// The short form and the long one.
    static let shape: Shape = {
        let types = ColumnType.allCases.map(\.rawValue).joined(separator: "|")
        let flags = Flag.allCases.map(\.rawValue).joined(separator: "|")
        return .either([.pattern("(\(types))( +(\(flags)))*"), .keys(keys)])
    }()
    private static let keys: Keys = [
        Key("type", .words(of: ColumnType.self), "The type of its values", isRequired: true),
        Key("required", .boolean, "A null makes a reject"),
        Key("optional", .boolean, "The field may be missing from the records"),
        Key("field", .text, "The field's name in the records; the column's by default"),
        DefaultsReader.nullsKey,
        Key(
            "format", .oneOrMore(.text), "How times are written, in strptime's words",
            example: "\"%d/%m/%Y\""),
        Key("strip_html", .boolean, "Tags and entities of HTML are taken out"),
        Key("collapse_whitespace", .boolean, "Runs of white space become one blank"),
        Key("min", .value, "The smallest value allowed"),
        Key("max", .value, "The largest value allowed"),
        Key("accepted", .oneOrMore(.value), "The only values allowed", example: "[hard, soft]"),
        CodeMapReader.mapKey, CodeMapReader.elseKey, PersonalRule.key,
    ]
    private enum Flag: String, CaseIterable { case required, optional }

    private let owner: String
    private let reading: Reading
    private var findings: Findings { reading.findings }

    static func read(_ entry: YAMLEntry, of dataset: String, _ reading: Reading) -> Column {
        NameRule.check(entry, "a column", reading.findings)
        let owner = "column `\(entry.key.text)` of \(dataset)"
        let reader = ColumnReader(owner: owner, reading: reading)
        var column = Column(
            name: entry.key.text, field: entry.key.text, type: .text,
            nulls: reading.defaults.nulls)
        if case .scalar(let scalar) = entry.value.content, !scalar.isNull {
            reader.readShort(scalar, at: entry.value.start, into: &column)
        } else {
            reader.readLong(entry, into: &column)
        }
        if column.isRequired, column.isOptional {
            reading.findings.report(
                .optionalKey, "\(owner) is both required and optional",
                at: Word(entry.key, at: entry.start),
                fix: "a field that may be missing gives null: keep one of the two")
        }
        return column
    }

    private func readShort(_ scalar: YAMLScalar, at start: YAMLMark, into column: inout Column) {
        let whole = Word(scalar, at: start)
        let words = scalar.text.split(separator: " ").map(whole.part)
        guard let first = words.first else {
            findings.report(.badValue, "\(owner) has no type", at: whole)
            return
        }
        column.type = findings.columnType(first) ?? .text
        for word in words.dropFirst() {
            switch Flag(rawValue: word.text) {
            case .required: column.isRequired = true
            case .optional: column.isOptional = true
            case nil:
                findings.reportUnknown(
                    .unknownWord, "`\(word.text)` cannot stand behind a type", word,
                    among: Flag.allCases.map(\.rawValue), called: "words for it")
            }
        }
    }

    private func readLong(_ entry: YAMLEntry, into column: inout Column) {
        let place = Word(entry.key, at: entry.start)
        guard
            let fields = Fields(entry.value, of: owner, at: place, keys: Self.keys, findings)
        else { return }
        let type = fields.required("type", fix: "types: \(ColumnType.list)")
            .flatMap { findings.word($0, "a type") }.flatMap(findings.columnType)
        column.type = type ?? .text
        column.isRequired = flag("required", fields)
        column.isOptional = flag("optional", fields)
        if let node = fields["field"], let word = findings.text(node, "a field") {
            column.field = word.text
        }
        if let node = fields["nulls"] { column.nulls = DefaultsReader.nulls(node, findings) }
        column.personal = PersonalRule.read(fields, owner, type)
        // Without its type a column's other options cannot be judged.
        guard type != nil else { return }
        ColumnOptions(owner: owner, fields: fields).read(into: &column)
        column.map = CodeMapReader(owner: owner, fields: fields).read(for: column)
    }

    private func flag(_ key: String, _ fields: Fields) -> Bool {
        fields[key].flatMap { findings.boolean($0, "`\(key)`") } ?? false
    }
}
