import YAML

/// Reads one of `datasets`.
struct DatasetReader {
    static let keys: Keys = [
        Key(
            "source", .keys(SourceReader.keys), "Where its records come from",
            example: "{files: shop/books}", isRequired: true),
        Key("format", FormatReader.shape, "How records are written; by_name by default"),
        Key("nested", .words(of: Nested.self), "What becomes of objects inside of JSON records"),
        ChildrenReader.key,
        Key(
            "columns", .either([.words([infer]), .named(ColumnReader.shape)]),
            "In the order of the table; infer takes them from the data", isRequired: true),
        ContractReader.key,
        DefaultsReader.maxRejectedKey,
        Key(
            "transform", .sql, "One SELECT over {{input}} in the engine's SQL",
            example: "clean.sql"),
        Key(
            "load", LoadReader.shape, "How rows get into the table",
            example: "{mode: merge, key: book_id}", isRequired: true),
        Key("checks", .list(.keys(ChecksReader.keys)), "Rules about its rows"),
        AlertsReader.key,
    ]

    /// The word for columns that come from the data.
    private static let infer = "infer"

    private let name: String
    private let fields: Fields
    private let reading: Reading
    private var findings: Findings { reading.findings }
    private var owner: String { "dataset `\(name)`" }

    static func read(_ entry: YAMLEntry, _ reading: Reading) -> Dataset {
        let place = Word(entry.key, at: entry.start)
        let owner = "dataset `\(entry.key.text)`"
        guard let fields = Fields(entry.value, of: owner, at: place, keys: keys, reading.findings)
        else { return empty(entry.key.text, reading) }
        return DatasetReader(name: entry.key.text, fields: fields, reading: reading).dataset()
    }

    private func dataset() -> Dataset {
        let format =
            fields["format"].map { FormatReader.read($0, findings) } ?? reading.defaults.format
        let source = source(format)
        checkFormat(format, of: source)
        var columns = columns()
        let load = load(&columns)
        checkLoad(load, of: source)
        let contract = contract()
        PersonalRule(owner: owner, findings: findings)
            .check(contract, columns, at: fields.keyWord("contract") ?? fields.place)
        let dropped = withoutDropped(&columns, load)
        reading.columns[name] = columns.map(\.name)
        var dataset = Dataset(
            name: name, source: source, format: format, columns: columns,
            contract: contract, transform: transform(), load: load, checks: checks(columns),
            nested: nested(format), dropped: dropped.isEmpty ? nil : dropped,
            maxRejected: fields["max_rejected"].flatMap { findings.rejectLimit($0) }
                ?? reading.defaults.maxRejected,
            alerts: fields["alerts"].flatMap {
                AlertsReader(owner: owner, findings: findings).read($0)
            })
        ChildrenReader(owner: owner, fields: fields, reading: reading).read(into: &dataset)
        return dataset
    }

    /// Takes the columns away that the table is not to have.
    ///
    /// - Returns: Their fields.
    private func withoutDropped(_ columns: inout [Column], _ load: Load) -> [String] {
        let place = fields.keyWord("load") ?? fields.place
        PersonalRule(owner: owner, findings: findings).check(load, columns, at: place)
        let dropped = columns.filter { $0.personal == .drop }.map(\.field)
        columns.removeAll { $0.personal == .drop }
        if columns.isEmpty, !dropped.isEmpty {
            findings.report(
                .empty, "\(owner) drops all of its columns",
                at: fields.keyWord("columns") ?? fields.place, fix: "keep one of them")
        }
        return dropped
    }

    private func contract() -> Contract {
        var contract = reading.defaults.contract
        contract.nulls = reading.defaults.nulls
        if let node = fields["contract"] {
            contract = ContractReader.read(node, over: contract, findings)
        }
        if isInferred { contract.newColumns = .evolve }
        return contract
    }

    private var isInferred: Bool {
        guard case .scalar(let scalar)? = fields["columns"]?.content else { return false }
        return scalar.text == Self.infer
    }

    private func nested(_ format: Format) -> Nested? {
        guard let node = fields["nested"] else { return nil }
        let nested = findings.choice(node, "way with nested values", of: Nested.self)
        switch format {
        case .csv, .parquet:
            findings.report(
                .misplacedOption, "`nested` is for JSON, and \(owner) reads none",
                at: fields.keyWord("nested") ?? fields.place, fix: "remove it")
        case .json, .jsonLines, .byName: break
        }
        // What says the default says nothing.
        return nested == .keep ? nil : nested
    }

    private func source(_ format: Format) -> Source {
        let fix = "write source: {files: {path: a-folder}}, or {http: {url: …}}"
        guard let node = fields.required("source", fix: fix) else {
            return SourceReader.none
        }
        return SourceReader.read(node, of: name, format: format, reading)
    }

    private func checkFormat(_ format: Format, of source: Source) {
        switch (source, format) {
        case (.files, _), (_, .byName), (_, .jsonLines), (.command, .csv),
            (.http, .json(JSONFormat())):
            break
        case (.command, _):
            misplaced("a program prints JSON lines or CSV", fix: "write jsonl or csv")
        case (.singer, _):
            misplaced("records of a tap are JSON lines when they land", fix: "remove the format")
        case (.http, _):
            misplaced(
                "records of an HTTP source are JSON lines when they land",
                fix: "remove the format; where records are in an answer, the source says")
        }
    }

    private func misplaced(_ message: String, fix: String) {
        findings.report(
            .misplacedOption, message, at: fields.keyWord("format") ?? fields.place, fix: fix)
    }

    /// What a call gives each time is what is new, never all that there is.
    private func checkLoad(_ load: Load, of source: Source) {
        guard case .http(let http) = source, load.mode == .replace, !http.parents.isEmpty else {
            return
        }
        findings.report(
            .misplacedOption,
            "\(owner) would be replaced by what is new: its call is asked for new records only",
            at: fields.keyWord("load") ?? fields.place, fix: "write load: {mode: merge, key: …}")
    }

    private func columns() -> [Column] {
        let fix = "name each column with its type, like author_id: bigint required"
        guard let node = fields.required("columns", fix: fix), !isInferred else { return [] }
        var readers: [String: String] = [:]
        return findings.entries(node, "columns").map { entry in
            let column = ColumnReader.read(entry, of: owner, reading)
            if let other = readers[column.field] {
                findings.report(
                    .usedName, "column `\(other)` reads the field `\(column.field)` already",
                    at: Word(entry.key, at: entry.start), fix: "give one of them another `field`")
            }
            readers[column.field] = column.name
            return column
        }
    }

    private func load(_ columns: inout [Column]) -> Load {
        let fix = "write load: append, or load: {mode: merge, key: a-column}"
        guard let node = fields.required("load", fix: fix) else {
            return Load(mode: .append, key: [], newestBy: nil)
        }
        return LoadReader(owner: owner, findings: findings).read(node, columns: &columns)
    }

    private func transform() -> String? {
        if isInferred, let place = fields.keyWord("transform") {
            findings.report(
                .misplacedOption, "the transform of \(owner) has no column to work with",
                at: place, fix: "declare the columns that it needs, and set contract: evolve")
        }
        return fields["transform"].map {
            SQLReader.read(
                $0,
                SQLReader.Use(
                    what: "the transform of \(owner)", extra: Pipeline.inputWord,
                    seesTables: false), reading)
        }
    }

    private func checks(_ columns: [Column]) -> [Check] {
        guard let node = fields["checks"] else { return [] }
        return ChecksReader(table: name, owner: owner, columns: columns, reading: reading)
            .read(node)
    }

    private static func empty(_ name: String, _ reading: Reading) -> Dataset {
        reading.columns[name] = []
        return Dataset(
            name: name, source: SourceReader.none, format: reading.defaults.format, columns: [],
            transform: nil, load: Load(mode: .append, key: [], newestBy: nil), checks: [])
    }
}
