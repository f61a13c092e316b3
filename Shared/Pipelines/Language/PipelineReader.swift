import YAML

/// Reads `pipeline.yaml` from its top.
struct PipelineReader {
    static let keys: Keys = [
        Key("name", .name, "The pipeline's name", example: "shop", isRequired: true),
        Key("description", .text, "What it is about"),
        Key("schema", .name, "The warehouse schema; the pipeline's name by default"),
        Key("defaults", .keys(DefaultsReader.keys), "What datasets take where they say nothing"),
        Key(
            "parameters", .named(.keys(ParameterReader.keys)),
            "Values that the SQL of models and checks names as {{name}}"),
        Key(
            "datasets", .named(.keys(DatasetReader.keys)), "Each becomes a table",
            isRequired: true),
        Key(
            "models", .named(.keys(ModelReader.keys)),
            "Tables computed from tables, replaced as a whole"),
    ]

    private let fields: Fields
    private let reading: Reading
    private var findings: Findings { reading.findings }

    /// The pipeline as far as it can be read; nil when it is no mapping at all.
    static func read(_ root: YAMLNode, _ reading: Reading) -> Pipeline? {
        let place = Word("", at: root.start)
        return Fields(root, of: "the pipeline", at: place, keys: keys, reading.findings)
            .map { PipelineReader(fields: $0, reading: reading).pipeline() }
    }

    private func pipeline() -> Pipeline {
        let name = name()
        if let node = fields["defaults"] { reading.defaults = DefaultsReader.read(node, findings) }
        let parameterEntries = entries("parameters", as: .parameter)
        let parameters = parameterEntries.map { ParameterReader.read($0, findings) }
        _ = fields.required("datasets", fix: "a pipeline has at least one dataset")
        let datasets = entries("datasets", as: .dataset).map { DatasetReader.read($0, reading) }
        let modelEntries = entries("models", as: .model)
        let models = modelEntries.map { ModelReader.read($0, reading) }
        reading.finish()
        // SQL that could not be read may use what seems unused.
        if !findings.hasErrors { reportUnused(parameterEntries) }
        let order = ModelOrder(models, entries: modelEntries, reading)
        return Pipeline(
            name: name, description: description(), schema: schema() ?? name,
            parameters: parameters, datasets: datasets, models: order.sorted())
    }

    private func name() -> String {
        guard let node = fields.required("name", fix: "write name: and a lower-case word"),
            let word = findings.text(node, "the pipeline's name")
        else { return "" }
        NameRule.check(word, "a pipeline", findings)
        return word.text
    }

    private func description() -> String? {
        fields["description"].flatMap { findings.text($0, "the description") }?.text
    }

    private func schema() -> String? {
        guard let node = fields["schema"], let word = findings.text(node, "the schema") else {
            return nil
        }
        NameRule.checkSchema(word, findings)
        return word.text
    }

    /// The named parts below a key; their names are claimed.
    private func entries(_ key: String, as kind: Reading.Kind) -> [YAMLEntry] {
        guard let node = fields[key] else { return [] }
        let entries = findings.entries(node, key)
        for entry in entries { reading.claim(entry, as: kind) }
        return entries
    }

    private func reportUnused(_ parameters: [YAMLEntry]) {
        for entry in parameters where !reading.usedParameters.contains(entry.key.text) {
            findings.report(
                .unusedParameter, "no SQL uses parameter `\(entry.key.text)`",
                at: Word(entry.key, at: entry.start),
                fix: "name it as {{\(entry.key.text)}}, or remove it")
        }
        for file in reading.files.sqlFiles() where !reading.usedFiles.contains(file) {
            findings.report(
                .unusedFile, "nothing names the file `\(file)`", at: Word("", at: .top), in: file,
                fix: "name it in \(PipelineFolder.fileName), or remove it")
        }
    }
}
