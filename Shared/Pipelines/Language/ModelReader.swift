import YAML

/// Reads one of `models`. What it depends on follows from its SQL, when all names are known.
enum ModelReader {
    static let keys: Keys = [
        Key(
            "sql", .sql, "One SELECT; {{name}} is a dataset, a model or a parameter",
            example: "models/best_books.sql", isRequired: true),
        Key("key", .oneOrMore(.name), "Looked at on every refresh: one row for each"),
        Key("checks", .list(.keys(ChecksReader.keys)), "Rules about its rows"),
    ]

    static func read(_ entry: YAMLEntry, _ reading: Reading) -> Model {
        let name = entry.key.text
        let owner = "model `\(name)`"
        var model = Model(name: name, sql: "", dependsOn: [], key: [], checks: [])
        guard
            let fields = Fields(
                entry.value, of: owner, at: Word(entry.key, at: entry.start),
                keys: keys, reading.findings)
        else { return model }
        if let node = fields.required("sql", fix: "write sql: models/\(name).sql") {
            let use = SQLReader.Use(what: owner, extra: nil, seesTables: true)
            model.sql = SQLReader.read(node, use, reading)
        }
        model.key = fields["key"].map { key($0, reading.findings) } ?? []
        model.checks =
            fields["checks"].map {
                ChecksReader(table: name, owner: owner, columns: nil, reading: reading).read($0)
            } ?? []
        return model
    }

    private static func key(_ node: YAMLNode, _ findings: Findings) -> [String] {
        findings.texts(node, "key columns")
            .filter { NameRule.check($0, "a column", findings) }.map(\.text)
    }
}
