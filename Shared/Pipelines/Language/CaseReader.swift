import YAML

/// Reads one case of a pipeline's tests.
struct CaseReader {
    static let keys: Keys = [
        Key("name", .text, "What the case shows", isRequired: true),
        Key("pipeline", .name, "Of a template: the pipeline that it is about"),
        Key("given", .named(.list(.keys(fileKeys))), "The files of each dataset, in order"),
        Key("batches", .list(.named(.list(.keys(fileKeys)))), "The same, batch after batch"),
        Key("expect", .value, "What must become of them", isRequired: true),
    ]
    private static let fileKeys: Keys = [
        Key("file", .text, "A file below the pipeline's folder", example: "tests/a.csv"),
        Key("name", .text, "The name of a file whose text or rows follow"),
        Key("text", .text, "What stands in it"),
        Key("rows", .list(.value), "Its records, by the names of their fields"),
    ]
    private static let tableKeys: Keys = [
        Key("rows", .list(.value), "The rows, each with the columns that matter", isRequired: true),
        Key("ordered", .boolean, "Whether their order matters; it does not by default"),
    ]
    private static let rejectKeys: Keys = [
        Key("line", .integer(1...Int.max), "Where its record starts"),
        Key("column", .text, "The column or field that was at fault"),
        Key("reason", .text, "Why, like bad_value"),
    ]
    private enum Result: String, CaseIterable { case passed, failed }

    let pipelines: [Pipeline]
    let files: FolderFiles
    let findings: Findings

    func read(_ node: YAMLNode) -> PipelineCase? {
        let place = Word("", at: node.start)
        guard let fields = Fields(node, of: "the case", at: place, keys: Self.keys, findings),
            let pipeline = pipeline(fields)
        else { return nil }
        let name = fields.required("name").flatMap { findings.text($0, "the name") }?.text ?? ""
        if fields["given"] == nil, fields["batches"] == nil {
            findings.report(
                .missingKey, "the case is given no files", at: place, suggestion: "given",
                fix: "write given: {\(pipeline.datasets.first?.name ?? "dataset"): [{file: …}]}")
        }
        var batches = fields["given"].map { [given($0, pipeline)] } ?? []
        if let node = fields["batches"], case .sequence(let items) = node.content {
            batches += items.map { given($0, pipeline) }
        }
        var expected = Expected()
        if let node = fields.required("expect") { read(node, pipeline, into: &expected) }
        return PipelineCase(
            name: name, pipeline: pipeline, place: self.place(node.start), batches: batches,
            tables: expected.tables, rejects: expected.rejects, checks: expected.checks)
    }

    private struct Expected {
        var tables: [PipelineCase.Table] = []
        var rejects: [PipelineCase.Rejects] = []
        var checks: [PipelineCase.Outcome] = []
    }

    private func place(_ mark: YAMLMark) -> PipelineCase.Place {
        PipelineCase.Place(file: findings.file, line: mark.line)
    }

    private func pipeline(_ fields: Fields) -> Pipeline? {
        guard let node = fields["pipeline"] else {
            if pipelines.count > 1 { _ = fields.required("pipeline", fix: "a template has many") }
            return pipelines.count == 1 ? pipelines[0] : nil
        }
        guard let word = findings.text(node, "the pipeline") else { return nil }
        if let pipeline = pipelines.first(where: { $0.name == word.text }) { return pipeline }
        findings.reportUnknown(
            .unknownWord, "there is no pipeline `\(word.text)` here", word,
            among: pipelines.map(\.name), called: "pipelines")
        return nil
    }

    private func given(_ node: YAMLNode, _ pipeline: Pipeline) -> [PipelineCase.Given] {
        findings.entries(node, "datasets").compactMap { entry in
            guard let dataset = pipeline.dataset(entry.key.text) else {
                unknown(entry, among: pipeline.datasets.map(\.name), "datasets")
                return nil
            }
            guard case .sequence(let items) = entry.value.content else {
                findings.reportKind(entry.value, expected: "a list of files")
                return nil
            }
            return PipelineCase.Given(
                dataset: dataset.name, files: items.compactMap { file($0, dataset) })
        }
    }

    private func unknown(_ entry: YAMLEntry, among names: [String], _ what: String) {
        findings.reportUnknown(
            .unknownTable, "nothing is called `\(entry.key.text)`",
            Word(entry.key, at: entry.start), among: names, called: what)
    }

    private func file(_ node: YAMLNode, _ dataset: Dataset) -> PipelineCase.File? {
        let place = Word("", at: node.start)
        guard let fields = Fields(node, of: "the file", at: place, keys: Self.fileKeys, findings)
        else { return nil }
        if let node = fields["file"] {
            guard let word = findings.text(node, "a file") else { return nil }
            guard files.has(word.text) else {
                findings.report(
                    .unreadableFile, "there is no file `\(word.text)`", at: word,
                    fix: "write it from the pipeline's folder on")
                return nil
            }
            let name = word.text.split(separator: "/").last.map(String.init) ?? word.text
            return PipelineCase.File(name: name, path: word.text, text: "")
        }
        let given = GivenRows(dataset: dataset)
        let name = fields["name"].flatMap { findings.text($0, "a name") }?.text
        if let node = fields["text"] {
            guard case .scalar(let scalar) = node.content else {
                findings.reportKind(node, expected: "a text")
                return nil
            }
            return PipelineCase.File(name: name ?? given.name, path: nil, text: scalar.text)
        }
        guard let node = fields.required("rows", fix: "write file:, text: or rows:") else {
            return nil
        }
        guard let text = given.text(rows(node)) else {
            findings.report(
                .misplacedOption, "rows cannot be written in the format of \(dataset.name)",
                at: fields.keyWord("rows") ?? place, fix: "name a file")
            return nil
        }
        return PipelineCase.File(name: name ?? given.name, path: nil, text: text)
    }

    private func rows(_ node: YAMLNode) -> [[YAMLEntry]] {
        guard case .sequence(let items) = node.content else {
            findings.reportKind(node, expected: "a list of rows")
            return []
        }
        return items.compactMap { item in
            guard case .mapping(let entries) = item.content else {
                findings.reportKind(item, expected: "a mapping of columns")
                return nil
            }
            return entries.filter { entry in
                if case .scalar = entry.value.content { return true }
                findings.reportKind(entry.value, expected: "a value")
                return false
            }
        }
    }

    private func read(_ node: YAMLNode, _ pipeline: Pipeline, into expected: inout Expected) {
        for entry in findings.entries(node, "expectations") {
            switch entry.key.text {
            case "rejects": expected.rejects += rejects(entry.value, pipeline)
            case "checks": expected.checks += checks(entry.value, pipeline)
            case "models":
                for entry in findings.entries(entry.value, "models") {
                    guard pipeline.model(entry.key.text) != nil else {
                        unknown(entry, among: pipeline.models.map(\.name), "models")
                        continue
                    }
                    if let table = table(entry, columns: nil) { expected.tables.append(table) }
                }
            default:
                guard let dataset = pipeline.table(entry.key.text) else {
                    let tables = pipeline.datasets.flatMap { [$0] + $0.tablesOfChildren }
                    let words = tables.map(\.name) + ["models", "rejects", "checks"]
                    unknown(entry, among: words, "what can be expected")
                    continue
                }
                let names =
                    dataset.columns.map(\.name) + dataset.load.historyColumns
                    + (dataset.numbersRecords ? [Child.record.name] : [])
                // What data may bring is known when it is there.
                let mayGrow = dataset.contract.newColumns == .evolve
                if let table = table(entry, columns: mayGrow ? nil : names) {
                    expected.tables.append(table)
                }
            }
        }
    }

    private func table(_ entry: YAMLEntry, columns: [String]?) -> PipelineCase.Table? {
        let owner = "table `\(entry.key.text)`"
        guard
            let fields = Fields(
                entry.value, of: owner, at: Word(entry.key, at: entry.start),
                keys: Self.tableKeys, findings),
            let node = fields.required("rows"), case .sequence(let items) = node.content
        else { return nil }
        let rows = items.compactMap { item -> PipelineCase.Row? in
            guard case .mapping(let entries) = item.content else {
                findings.reportKind(item, expected: "a mapping of columns")
                return nil
            }
            let values = entries.compactMap { entry -> (column: String, text: String?)? in
                if let columns, !columns.contains(entry.key.text) {
                    findings.reportUnknownColumn(
                        Word(entry.key, at: entry.start), of: owner, among: columns)
                    return nil
                }
                guard case .scalar(let scalar) = entry.value.content else {
                    findings.reportKind(entry.value, expected: "a value")
                    return nil
                }
                return (entry.key.text, scalar.isNull ? nil : scalar.text)
            }
            return PipelineCase.Row(values: values, place: place(item.start))
        }
        let isOrdered = fields["ordered"].flatMap { findings.boolean($0, "`ordered`") } ?? false
        return PipelineCase.Table(
            name: entry.key.text, rows: rows, isOrdered: isOrdered, place: place(entry.start))
    }

    private func rejects(_ node: YAMLNode, _ pipeline: Pipeline) -> [PipelineCase.Rejects] {
        findings.entries(node, "datasets").compactMap { entry in
            guard pipeline.dataset(entry.key.text) != nil else {
                unknown(entry, among: pipeline.datasets.map(\.name), "datasets")
                return nil
            }
            guard case .sequence(let items) = entry.value.content else {
                findings.reportKind(entry.value, expected: "a list of rejects")
                return nil
            }
            let rejects = items.compactMap { item -> PipelineCase.Reject? in
                let place = Word("", at: item.start)
                let fields = Fields(
                    item, of: "the reject", at: place, keys: Self.rejectKeys, findings)
                return fields.map { fields in
                    PipelineCase.Reject(
                        line: fields["line"]
                            .flatMap { findings.integer($0, "`line`", in: 1...Int.max) },
                        column: fields["column"].flatMap { findings.text($0, "`column`") }?.text,
                        reason: fields["reason"].flatMap { findings.text($0, "`reason`") }?.text,
                        place: self.place(item.start))
                }
            }
            return PipelineCase.Rejects(
                dataset: entry.key.text, items: rejects, place: place(entry.start))
        }
    }

    private func checks(_ node: YAMLNode, _ pipeline: Pipeline) -> [PipelineCase.Outcome] {
        findings.entries(node, "tables").flatMap { table -> [PipelineCase.Outcome] in
            let known = pipeline.dataset(table.key.text)?.checks
            guard let checks = known ?? pipeline.model(table.key.text)?.checks else {
                unknown(
                    table, among: (pipeline.datasets.map(\.name) + pipeline.models.map(\.name)),
                    "tables")
                return []
            }
            return findings.entries(table.value, "checks").compactMap { entry in
                guard checks.contains(where: { $0.name == entry.key.text }) else {
                    unknown(entry, among: checks.map(\.name), "checks there")
                    return nil
                }
                return findings.choice(entry.value, "outcome", of: Result.self).map {
                    PipelineCase.Outcome(
                        table: table.key.text, check: entry.key.text, isPassed: $0 == .passed,
                        place: place(entry.start))
                }
            }
        }
    }
}

extension Load {
    /// The columns that a table with history has beside the dataset's.
    public var historyColumns: [String] {
        mode == .scd2 ? ["_valid_from", "_valid_to", "_is_current"] : []
    }
}
