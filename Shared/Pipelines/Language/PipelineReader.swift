import YAML

/// Reads `pipeline.yaml` from its top.
struct PipelineReader {
    static let keys: Keys = [
        Key("name", .name, "The pipeline's name", example: "shop", isRequired: true),
        Key("description", .text, "What it is about"),
        Key(
            "inputs", .named(.keys(TemplateReader.keys)),
            "Of a template.yaml: variables that its instances set, as ${name}"),
        Key(
            "variables", .named(.literal), "Values that other values name as ${name}",
            example: "{partner: acme}"),
        Key(
            "environments", .named(.keys(EnvironmentsReader.keys)),
            "What is other in one place than in another; chosen by --env or MILLRACE_ENV",
            example: "{prod: {}, dev: {schema: shop_dev}}"),
        Key("schema", .name, "The warehouse schema; the pipeline's name by default"),
        Key(
            "trigger", TriggerReader.shape,
            "When what has landed is transformed; on its arrival by default",
            example: "{schedule: \"0 6 * * mon-fri\", time_zone: Europe/Berlin}"),
        Key(
            "retention", .keys(RetentionReader.keys), "How long its past is kept",
            example: "{raw: 30d, processed: 90d}"),
        AlertsReader.key,
        Key("defaults", .keys(DefaultsReader.keys), "What datasets take where they say nothing"),
        Key(
            "parameters", .named(.keys(ParameterReader.keys)),
            "Values that the SQL of models and checks names as {{name}}"),
        HTTPSourcesReader.key,
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
        let variables = VariablesReader(root, reading).read()
        let filled = Filling(variables, reading).filled(root, .keys(keys))
        return Fields(filled, of: "the pipeline", at: place, keys: keys, reading.findings)
            .map { PipelineReader(fields: $0, reading: reading).pipeline() }
    }

    private func pipeline() -> Pipeline {
        let name = name()
        let environment = EnvironmentsReader(fields, reading).read()
        checkInputs()
        if let node = fields["defaults"] { reading.defaults = DefaultsReader.read(node, findings) }
        let parameters = entries("parameters", as: .parameter).map { entry in
            reading.usage.declare(.parameter, Word(entry.key, at: entry.start))
            return ParameterReader.read(
                entry, replacedBy: environment.parameters[entry.key.text], findings)
        }
        reading.calls =
            fields["sources"].map { HTTPSourcesReader(findings: findings).read($0) } ?? [:]
        _ = fields.required("datasets", fix: "a pipeline has at least one dataset")
        let datasets = entries("datasets", as: .dataset).map { DatasetReader.read($0, reading) }
        let modelEntries = entries("models", as: .model)
        let models = modelEntries.map { ModelReader.read($0, reading) }
        reading.finish()
        let order = ModelOrder(models, entries: modelEntries, reading)
        return Pipeline(
            name: name, description: description(), schema: schema(environment.schema) ?? name,
            parameters: parameters, datasets: datasets, models: order.sorted(), trigger: trigger(),
            retention: fields["retention"].flatMap { RetentionReader.read($0, findings) },
            alerts: fields["alerts"].flatMap {
                AlertsReader(owner: "the pipeline", findings: findings).read($0)
            })
    }

    private func trigger() -> Trigger? {
        fields["trigger"].flatMap { TriggerReader(findings: findings).read($0) }
    }

    private func name() -> String {
        guard let node = fields.required("name", fix: "write name: and a lower-case word"),
            let word = findings.text(node, "the pipeline's name")
        else { return "" }
        NameRule.check(word, "a pipeline", findings)
        if let instance = reading.setting.instance {
            reading.claims.claimPipeline(word, for: instance.file, findings)
        }
        return word.text
    }

    private func description() -> String? {
        fields["description"].flatMap { findings.text($0, "the description") }?.text
    }

    private func checkInputs() {
        guard let word = fields.keyWord("inputs"), reading.setting.instance == nil else { return }
        findings.report(
            .misplacedOption, "`inputs` are for a template", at: word, suggestion: "variables",
            fix: "write variables, or rename the file to \(PipelineFolder.templateName)")
    }

    private func schema(_ replacement: YAMLNode?) -> String? {
        guard let node = replacement ?? fields["schema"],
            let word = findings.text(node, "the schema")
        else {
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
}
