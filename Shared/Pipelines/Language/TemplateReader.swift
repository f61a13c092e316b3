import YAML

/// Reads a template's `inputs` and the instances' files, which set them.
struct TemplateReader {
    static let keys: Keys = [
        Key("type", .words(of: ColumnType.self), "The value's type", isRequired: true),
        Key("required", .boolean, "Each instance sets it; so it is where there is no default"),
        Key("default", .literal, "What it is where an instance does not say"),
        Key("description", .text, "What it is for"),
    ]

    /// One input.
    private struct Input {
        let name: String
        let type: ColumnType
        let fallback: YAMLScalar?
        let about: String?
    }

    let root: YAMLNode
    let files: FolderFiles
    let findings: Findings

    /// The instances whose inputs are right, in the order of their names.
    func instances(_ usage: Usage) -> [Instance] {
        let place = Word("", at: root.start)
        guard let node = root["inputs"] else {
            findings.report(
                .missingKey, "key `inputs` is missing in the template", at: place,
                suggestion: "inputs", fix: "write inputs: {partner: {type: text}}")
            return []
        }
        let inputs = findings.entries(node, "inputs").compactMap { entry -> Input? in
            NameRule.check(entry, "an input", findings)
            usage.declare(.variable, Word(entry.key, at: entry.start))
            return input(entry)
        }
        let folder = PipelineFolder.instancesName
        let names = files.names(in: folder)
        for name in names where !name.hasSuffix(".yaml") {
            findings.report(
                .unusedFile, "nothing reads the file `\(folder)/\(name)`", at: Word("", at: .top),
                in: "\(folder)/\(name)", fix: "an instance's file ends in .yaml")
        }
        let instances = names.filter { $0.hasSuffix(".yaml") }
        if instances.isEmpty {
            findings.report(
                .empty, "the template has no instance", at: place,
                fix: "write \(folder)/NAME.yaml with the inputs of one")
        }
        return instances.compactMap { instance("\(folder)/\($0)", inputs) }
    }

    private func input(_ entry: YAMLEntry) -> Input? {
        let owner = "input `\(entry.key.text)`"
        let place = Word(entry.key, at: entry.start)
        guard
            let fields = Fields(entry.value, of: owner, at: place, keys: Self.keys, findings),
            let type = fields.required("type", fix: "types: \(ColumnType.list)")
                .flatMap({ findings.word($0, "a type") }).flatMap(findings.columnType)
        else { return nil }
        let isRequired = fields["required"].flatMap { findings.boolean($0, "`required`") }
        let fallback = fields["default"].flatMap { scalar($0, type, owner) }
        if isRequired == (fields["default"] != nil) {
            findings.report(
                .misplacedOption,
                isRequired == true
                    ? "\(owner) is required and has a default"
                    : "\(owner) is not required and has no default",
                at: fields.word(of: "required"), fix: "write `required: true` or a `default`")
        }
        let about = fields["description"].flatMap { findings.text($0, "the description") }
        return Input(name: entry.key.text, type: type, fallback: fallback, about: about?.text)
    }

    private func instance(_ file: String, _ inputs: [Input]) -> Instance? {
        guard let root = findings.document(file, in: files) else { return nil }
        let template = findings.file
        findings.file = file
        defer { findings.file = template }
        let errors = findings.diagnostics.count
        let keys = Keys(inputs.map { Key($0.name, .literal, $0.about ?? "") })
        let place = Word("", at: root.start)
        guard let fields = Fields(root, of: "the instance", at: place, keys: keys, findings) else {
            return nil
        }
        var values: [String: Variables.Value] = [:]
        for input in inputs {
            if let node = fields[input.name] {
                let origin = Variables.Origin(
                    file: file, word: fields.word(of: input.name), name: input.name)
                values[input.name] = scalar(node, input.type, "input `\(input.name)`").map {
                    Variables.Value(scalar: $0, origin: origin)
                }
            } else if let fallback = input.fallback {
                values[input.name] = Variables.Value(scalar: fallback, origin: nil)
            } else {
                _ = fields.required(
                    input.name, fix: input.about ?? "write \(input.name): \(input.type.example)")
            }
        }
        return findings.diagnostics.count == errors ? Instance(file: file, values: values) : nil
    }

    private func scalar(_ node: YAMLNode, _ type: ColumnType, _ owner: String) -> YAMLScalar? {
        let word = type == .text ? findings.text(node, owner) : findings.word(node, owner)
        guard let word, findings.check(word, is: type, for: owner),
            case .scalar(let scalar) = node.content
        else { return nil }
        return scalar
    }
}

/// One of many pipelines alike: the values of a template's inputs.
struct Instance {
    /// Below the folder.
    let file: String
    let values: [String: Variables.Value]
}
