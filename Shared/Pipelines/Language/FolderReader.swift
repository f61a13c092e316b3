import YAML

/// Reads a folder once for each environment and instance that is asked for.
struct FolderReader {
    let files: FolderFiles
    let findings: Findings
    let choice: PipelineFolder.Choice

    /// The pipelines in the chosen environment, as far as they can be read.
    func pipelines() -> [Pipeline] {
        let isTemplate = files.has(PipelineFolder.templateName)
        findings.file = isTemplate ? PipelineFolder.templateName : PipelineFolder.fileName
        if isTemplate, files.has(PipelineFolder.fileName) {
            findings.report(
                .misplacedOption, "the folder has a \(PipelineFolder.fileName) too",
                at: Word("", at: .top), fix: "keep one of them")
        }
        let fix = "a pipeline is a folder with a \(PipelineFolder.fileName) in it"
        guard let root = findings.document(findings.file, in: files, fix: fix) else { return [] }
        let usage = Usage()
        let instances: [Instance?] = isTemplate ? template(root).instances(usage) : [nil]
        var chosen: [Pipeline] = []
        for (index, environment) in environments(root).enumerated() {
            let claims = Claims()
            let pipelines = instances.compactMap { instance in
                findings.startReading()
                let setting = Reading.Setting(
                    environment: environment, overrides: choice.variables, instance: instance)
                let reading = Reading(
                    findings: findings, files: files, setting: setting, usage: usage,
                    claims: claims)
                return PipelineReader.read(root, reading)
            }
            if index == 0 { chosen = pipelines }
        }
        // SQL that could not be read may use what seems unused.
        if !findings.hasErrors { usage.reportUnused(files, findings) }
        return chosen
    }

    private func template(_ root: YAMLNode) -> TemplateReader {
        TemplateReader(root: root, files: files, findings: findings)
    }

    /// Those to read the folder for: the chosen one, or none and then every one.
    private func environments(_ root: YAMLNode) -> [String?] {
        let node = root["environments"]
        var names: [String] = []
        if case .mapping(let entries) = node?.content { names = entries.map(\.key.text) }
        guard let chosen = choice.environment else { return [nil] + names }
        if names.contains(chosen) { return [chosen] }
        findings.report(
            .unknownEnvironment, "there is no environment `\(chosen)`",
            at: Word("", at: node?.start ?? .top),
            suggestion: Spelling.nearest(to: chosen, among: names),
            fix: names.isEmpty
                ? "write environments: {\(chosen): {}}, or leave the choice out"
                : "environments there: \(names.joined(separator: ", "))")
        return [nil]
    }
}
