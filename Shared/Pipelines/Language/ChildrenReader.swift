import YAML

/// Reads `children` of a dataset: the arrays in its records that become tables of their own.
struct ChildrenReader {
    static let key = Key(
        "children", .named(.keys(keys)),
        "Arrays in JSON records that become tables of their own, <dataset>_<name>",
        example: "{items: {path: order.items, columns: {sku: text required}}}")
    private static let keys: Keys = [
        Key("path", .text, "The keys that lead to the array; the child's name by default"),
        Key("columns", .named(ColumnReader.shape), "Where the elements are objects: their fields"),
        Key("value", .named(ColumnReader.shape), "Where they are plain values: the one column"),
    ]

    /// The dataset, as messages name it.
    let owner: String
    /// The dataset's keys.
    let fields: Fields
    let reading: Reading
    private var findings: Findings { reading.findings }

    /// Gives the dataset its children, and claims the names of their tables.
    func read(into dataset: inout Dataset) {
        guard let node = fields["children"] else { return }
        let entries = findings.entries(node, "children")
        dataset.children = entries.map { child($0, of: dataset) }
        check(dataset)
        checkPaths(entries, dataset.childTables)
        for (entry, child) in zip(entries, dataset.childTables) {
            let table = dataset.table(of: child)
            let place = Word(entry.key, at: entry.start)
            reading.claimTable(table.name, at: place)
            reading.columns[table.name] = table.columns.map(\.name)
        }
    }

    private func child(_ entry: YAMLEntry, of dataset: Dataset) -> Child {
        let name = entry.key.text
        NameRule.check(entry, "a child", findings)
        let owner = "child `\(name)` of \(self.owner)"
        let place = Word(entry.key, at: entry.start)
        var child = Child(name: name, path: name, columns: [], isPlain: false)
        guard let own = Fields(entry.value, of: owner, at: place, keys: Self.keys, findings) else {
            return child
        }
        if let node = own["path"], let word = findings.text(node, "a path") {
            child.path = word.text
            if word.text.split(separator: ".", omittingEmptySubsequences: false).contains("") {
                findings.report(
                    .badPath, "`\(word.text)` is no path to an array", at: word,
                    fix: "write the keys that lead to it, like order.items")
            }
        }
        child.isPlain = own["value"] != nil
        if own["columns"] != nil, let key = own.keyWord("value") {
            findings.report(
                .misplacedOption, "\(owner) has `columns` and a `value`", at: key,
                fix: "keep columns for objects, value for plain values")
        }
        guard let node = own["columns"] ?? own["value"] else {
            _ = own.required(
                "columns", fix: "name the elements' fields, or write value: {name: type}")
            return child
        }
        child.columns = columns(node, owner, dataset, isPlain: child.isPlain)
        child.dropped = child.columns.filter { $0.personal == .drop }.map(\.field)
        child.columns.removeAll { $0.personal == .drop }
        if child.dropped?.isEmpty == true { child.dropped = nil }
        if child.columns.isEmpty, child.dropped != nil {
            findings.report(
                .empty, "\(owner) drops all of its columns", at: place, fix: "keep one of them")
        }
        return child
    }

    private func columns(
        _ node: YAMLNode, _ owner: String, _ dataset: Dataset, isPlain: Bool
    ) -> [Column] {
        var readers: [String: String] = [:]
        let entries = findings.entries(node, "columns")
        if isPlain, let second = entries.dropFirst().first {
            findings.report(
                .misplacedOption, "a plain value has one column, and \(owner) names more",
                at: Word(second.key, at: second.start), fix: "write columns where it is an object")
        }
        return entries.map { entry in
            let column = ColumnReader.read(entry, of: owner, reading)
            let place = Word(entry.key, at: entry.start)
            if dataset.load.key.contains(column.name) {
                findings.report(
                    .usedName, "the table of \(owner) has the key `\(column.name)` of its record",
                    at: place, fix: "give the column another name, and write field:")
            }
            if let other = readers[column.field] {
                findings.report(
                    .usedName, "column `\(other)` reads the field `\(column.field)` already",
                    at: place, fix: "give one of them another `field`")
            }
            readers[column.field] = column.name
            return column
        }
    }

    /// What children do not go together with.
    private func check(_ dataset: Dataset) {
        let place = fields.keyWord("children") ?? fields.place
        func refuse(_ message: String, _ fix: String) {
            findings.report(.misplacedOption, message, at: place, fix: fix)
        }
        switch dataset.format {
        case .csv, .parquet:
            refuse("`children` are for JSON, and \(owner) reads none", "remove them")
        case .json, .jsonLines, .byName: break
        }
        if dataset.load.mode == .scd2 {
            refuse(
                "\(owner) keeps every version of its rows, and children have none",
                "write load: {mode: merge, …}, or keep the array in a json column")
        }
        if dataset.contract.newColumns == .evolve {
            refuse(
                "\(owner) takes new columns as they come, and those of `children` are declared",
                "write contract: {new_columns: freeze}, discard_value or discard_row")
        }
        if [.evolve, .discardValue].contains(dataset.contract.changedTypes) {
            let word = dataset.contract.changedTypes.rawValue
            refuse(
                "`changed_types: \(word)` is not for \(owner), which has `children`",
                "write contract: {changed_types: discard_row}, or freeze")
        }
    }

    /// An array inside of an array has no one path.
    private func checkPaths(_ entries: [YAMLEntry], _ children: [Child]) {
        for (entry, child) in zip(entries, children) {
            let other = children.first {
                $0.name != child.name
                    && ($0.path == child.path || child.path.hasPrefix($0.path + "."))
            }
            guard let other, other.path != child.path || other.name < child.name else { continue }
            findings.report(
                .usedName, "`\(other.path)` is the array of child `\(other.name)` already",
                at: Word(entry.key, at: entry.start),
                fix: "one array makes one table; keep arrays inside of it in a json column")
        }
    }
}
