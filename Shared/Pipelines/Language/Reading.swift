import YAML

/// What the readers of a pipeline's parts share while they read it.
final class Reading {
    let findings: Findings
    let files: FolderFiles
    let setting: Setting
    let usage: Usage
    let claims: Claims
    /// What `defaults` says for all datasets.
    var defaults = Defaults()
    /// The calls of the pipeline's `sources`, by `source.call`.
    var calls: [String: HTTPSource] = [:]
    /// The names of datasets, models and parameters, which share one space: SQL says `{{name}}`.
    private(set) var names: [String: Kind] = [:]
    /// The names of each dataset's columns, also of those with mistakes in them.
    var columns: [String: [String]] = [:]
    /// What datasets say of Singer taps, by dataset.
    var taps: [String: SingerSource] = [:]
    private var later: [() -> Void] = []

    enum Kind: String { case dataset, model, parameter }

    /// What a folder is read for this time.
    struct Setting {
        var environment: String?
        /// What the caller sets variables to.
        var overrides: [String: String] = [:]
        /// Nil where the folder is no template.
        var instance: Instance?
    }

    init(
        findings: Findings, files: FolderFiles, setting: Setting, usage: Usage, claims: Claims
    ) {
        self.findings = findings
        self.files = files
        self.setting = setting
        self.usage = usage
        self.claims = claims
    }

    /// Claims a name; notes it when another part has it.
    func claim(_ entry: YAMLEntry, as kind: Kind) {
        NameRule.check(entry, "a \(kind.rawValue)", findings)
        claim(entry.key.text, at: Word(entry.key, at: entry.start), as: kind)
    }

    /// Claims the name of a child's table, which nobody has written as it is.
    func claimTable(_ name: String, at place: Word) {
        if name.utf8.count > NameRule.limitBytes {
            findings.report(
                .badName, "the child's table `\(name)` has a name of \(name.utf8.count) bytes",
                at: place, fix: "shorten the child's name: \(NameRule.limitBytes) are allowed")
        }
        claim(name, at: place, as: .dataset)
    }

    private func claim(_ name: String, at place: Word, as kind: Kind) {
        if let other = names[name] {
            findings.report(
                .usedName, "`\(name)` is the name of a \(other.rawValue) already", at: place,
                fix: "datasets, models and parameters share one space of names: rename one")
        } else {
            names[name] = kind
        }
    }

    /// The names of that kind, sorted.
    func names(of kinds: Kind...) -> [String] {
        names.filter { kinds.contains($0.value) }.keys.sorted()
    }

    /// Looks at something when the whole pipeline has been read.
    func afterwards(_ look: @escaping () -> Void) { later.append(look) }

    /// Does what was put off.
    func finish() {
        for look in later { look() }
        later = []
    }
}

/// What datasets take where they say nothing themselves.
struct Defaults {
    var format = Format.byName(CSVFormat())
    var nulls = [""]
    var contract = Contract()
    var maxRejected: RejectLimit?
}

extension Reading {
    /// Notes a table that is not there. Call it when everything has been read.
    ///
    /// - Returns: What it is.
    @discardableResult
    func checkTable(_ table: Word) -> Kind? {
        if let kind = names[table.text], kind != .parameter { return kind }
        findings.reportUnknown(
            .unknownTable, "there is no dataset or model `\(table.text)`", table,
            among: names(of: .dataset, .model), called: "datasets and models")
        return nil
    }

    /// Notes a table or column that is not there. Call it when everything has been read.
    func checkTable(_ table: Word, column: Word) {
        guard let kind = checkTable(table) else { return }
        guard kind == .dataset else {
            NameRule.check(column, "a column", findings)
            return
        }
        let columns = columns[table.text] ?? []
        if !columns.contains(column.text) {
            findings.reportUnknownColumn(column, of: "dataset `\(table.text)`", among: columns)
        }
    }
}
