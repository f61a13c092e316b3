/// A pipeline as its author keeps it: a folder with `pipeline.yaml` and the SQL beside it; or many
/// alike, as a folder with `template.yaml`, SQL and a small file for each in `instances`.
public enum PipelineFolder {
    /// The file that every pipeline has.
    public static let fileName = "pipeline.yaml"
    /// The file that stands in its place where there are many alike.
    public static let templateName = "template.yaml"
    /// The folder of their inputs.
    public static let instancesName = "instances"

    /// What a folder is read for.
    public struct Choice: Sendable {
        /// One of its environments; nil for none.
        public var environment: String?
        /// Values that variables get in place of those in the folder.
        public var variables: [String: String]

        public init(environment: String? = nil, variables: [String: String] = [:]) {
            self.environment = environment
            self.variables = variables
        }
    }

    /// Reads the folder at `path` and names all mistakes in it at once: where no environment is
    /// chosen, the mistakes of every environment.
    ///
    /// - Returns: The pipeline, unless the report has an error or the folder is a template: the
    ///   report has all of its pipelines.
    public static func read(
        _ path: String, _ choice: Choice = Choice()
    ) -> (pipeline: Pipeline?, report: LintReport) {
        let findings = Findings()
        let reader = FolderReader(files: FolderFiles(path), findings: findings, choice: choice)
        let pipelines = reader.pipelines()
        let report = LintReport(
            folder: path, diagnostics: findings.diagnostics,
            pipelines: findings.hasErrors ? [] : pipelines)
        return (report.pipeline, report)
    }
}
