import Foundation

/// All that `lint` has to say about a pipeline's folder.
public struct LintReport: Sendable {
    /// As it was given.
    public let folder: String
    /// In the order of the files and lines; `pipeline.yaml` or `template.yaml` first.
    public let diagnostics: [Diagnostic]
    /// What was read: one pipeline, or the many of a template; none when there is an error.
    public let pipelines: [Pipeline]

    init(folder: String, diagnostics: [Diagnostic], pipelines: [Pipeline]) {
        self.folder = folder
        self.pipelines = pipelines
        self.diagnostics = diagnostics.sorted {
            (Self.rank($0.file), $0.line, $0.column) < (Self.rank($1.file), $1.line, $1.column)
        }
    }

    /// The pipeline where there is one; a template's are in `pipelines`.
    public var pipeline: Pipeline? { pipelines.count == 1 ? pipelines[0] : nil }
    public var errors: Int { diagnostics.count { $0.severity == .error } }
    public var warnings: Int { diagnostics.count { $0.severity == .warning } }

    /// The report as one JSON object, keys sorted.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
        let revisions = try pipelines.map {
            Document.Revision(
                pipeline: $0.name,
                revision: PipelineJSON.revision(of: try PipelineJSON.encode($0)))
        }
        let document = Document(
            folder: folder, pipelines: revisions, errors: errors, warnings: warnings,
            diagnostics: diagnostics)
        return String(decoding: try encoder.encode(document), as: UTF8.self)
    }

    private static func rank(_ file: String) -> String {
        [PipelineFolder.fileName, PipelineFolder.templateName].contains(file) ? "" : file
    }

    private struct Document: Encodable {
        let folder: String
        let pipelines: [Revision]
        let errors: Int
        let warnings: Int
        let diagnostics: [Diagnostic]

        struct Revision: Encodable {
            let pipeline: String
            let revision: String
        }
    }
}

extension Diagnostic: Encodable {
    private enum CodingKeys: CodingKey {
        case code, severity, file, line, column, length, message, suggestion, fix
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(code, forKey: .code)
        try container.encode(severity, forKey: .severity)
        try container.encode(file, forKey: .file)
        try container.encode(line, forKey: .line)
        try container.encode(column, forKey: .column)
        try container.encode(length, forKey: .length)
        try container.encode(message, forKey: .message)
        try container.encodeIfPresent(suggestion, forKey: .suggestion)
        try container.encodeIfPresent(fix, forKey: .fix)
    }
}
