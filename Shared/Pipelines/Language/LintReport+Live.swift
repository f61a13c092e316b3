import Foundation
import YAML

/// Something that the systems have against a pipeline, not its text alone.
public struct LiveFinding: Sendable, Equatable {
    public let code: DiagnosticCode
    /// The keys that lead to what is meant, as far as they are there: `["datasets", "books"]`.
    public let path: [String]
    public let message: String
    public let fix: String

    public init(_ code: DiagnosticCode, at path: [String], _ message: String, fix: String) {
        self.code = code
        self.path = path
        self.message = message
        self.fix = fix
    }
}

extension LintReport {
    /// The report with what the systems said, each at its place in the folder's file.
    public func adding(_ found: [LiveFinding]) throws -> LintReport {
        let files = FolderFiles(folder)
        let findings = Findings()
        let template = PipelineFolder.templateName
        let isTemplate = FileManager.default.fileExists(atPath: "\(folder)/\(template)")
        let file = isTemplate ? template : PipelineFolder.fileName
        let bytes = try files.read(file)
        findings.open(file, text: String(decoding: bytes, as: UTF8.self))
        let root = YAMLDocument(bytes).root
        for finding in found {
            findings.report(
                finding.code, finding.message, at: Self.word(finding.path, in: root), in: file,
                fix: finding.fix)
        }
        return LintReport(
            folder: folder, diagnostics: diagnostics + findings.diagnostics, pipelines: pipelines)
    }

    /// The key at the end of a path, or the last one that is there.
    private static func word(_ path: [String], in root: YAMLNode?) -> Word {
        var word = Word("", at: .top)
        var node = root
        for name in path {
            guard case .mapping(let entries) = node?.content,
                let entry = entries.first(where: { $0.key.text == name })
            else { break }
            word = Word(entry.key, at: entry.start)
            node = entry.value
        }
        return word
    }
}
