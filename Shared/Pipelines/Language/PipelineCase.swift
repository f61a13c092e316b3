import YAML

/// A case of a pipeline's tests: files that are given, and what must become of them.
public struct PipelineCase: Sendable {
    /// Where something stands, for messages.
    public struct Place: Sendable, Hashable {
        /// Below the pipeline's folder.
        public let file: String
        public let line: Int
    }

    /// The files of one dataset that arrive together.
    public struct Given: Sendable {
        public let dataset: String
        public let files: [File]
    }

    /// One file, which becomes one object.
    public struct File: Sendable {
        public let name: String
        /// Below the pipeline's folder; nil where the text stands in the case.
        public let path: String?
        public let text: String
    }

    /// What a dataset's or a model's table must hold.
    public struct Table: Sendable {
        public let name: String
        public let rows: [Row]
        public let isOrdered: Bool
        public let place: Place
    }

    /// The columns that are looked at; nil is null.
    public struct Row: Sendable {
        public let values: [(column: String, text: String?)]
        public let place: Place
    }

    /// All rejects that a dataset must have.
    public struct Rejects: Sendable {
        public let dataset: String
        public let items: [Reject]
        public let place: Place
    }

    /// What is said of it is looked at.
    public struct Reject: Sendable {
        public let line: Int?
        public let column: String?
        public let reason: String?
        public let place: Place
    }

    /// How a check must end.
    public struct Outcome: Sendable {
        public let table: String
        public let check: String
        public let isPassed: Bool
        public let place: Place
    }

    public let name: String
    /// The pipeline that it is about.
    public var pipeline: Pipeline
    public let place: Place
    /// In the order of arrival.
    public let batches: [[Given]]
    public let tables: [Table]
    public let rejects: [Rejects]
    public let checks: [Outcome]
}

/// The cases in the folder `tests` of a pipeline.
public enum PipelineCases {
    /// The folder's name.
    public static let folderName = "tests"

    /// Reads all cases and names all mistakes in them at once.
    ///
    /// - Parameter pipelines: What the folder at `path` was read as.
    public static func read(
        _ path: String, of pipelines: [Pipeline]
    ) -> (cases: [PipelineCase], report: LintReport) {
        let findings = Findings()
        let files = FolderFiles(path)
        var cases: [PipelineCase] = []
        for name in files.names(in: folderName) where name.hasSuffix(".yaml") {
            let file = "\(folderName)/\(name)"
            guard let root = findings.document(file, in: files) else { continue }
            findings.file = file
            let items: [YAMLNode] =
                if case .sequence(let items) = root.content { items } else { [root] }
            cases += items.compactMap {
                CaseReader(pipelines: pipelines, files: files, findings: findings).read($0)
            }
        }
        let report = LintReport(
            folder: path, diagnostics: findings.diagnostics,
            pipelines: findings.hasErrors ? [] : pipelines)
        return (findings.hasErrors ? [] : cases, report)
    }
}
