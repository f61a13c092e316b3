import Foundation
import YAML

/// A pipeline as its author keeps it: a folder with `pipeline.yaml` and the SQL beside it.
public enum PipelineFolder {
    /// The file that every pipeline has.
    public static let fileName = "pipeline.yaml"

    /// Reads the folder at `path` and names all mistakes in it at once.
    ///
    /// - Returns: The pipeline, unless the report has an error.
    public static func read(_ path: String) -> (pipeline: Pipeline?, report: LintReport) {
        let findings = Findings()
        let files = FolderFiles(path)
        let pipeline = read(files, findings)
        let kept = findings.hasErrors ? nil : pipeline
        return (kept, LintReport(folder: path, diagnostics: findings.diagnostics, pipeline: kept))
    }

    private static func read(_ files: FolderFiles, _ findings: Findings) -> Pipeline? {
        guard let bytes = contents(of: files, findings) else { return nil }
        findings.open(fileName, text: String(decoding: bytes, as: UTF8.self))
        let document = YAMLDocument(bytes)
        for problem in document.problems { findings.report(problem) }
        SecretRule.check(fileName, findings)
        guard document.problems.allSatisfy({ $0.kind == .duplicateKey }) else { return nil }
        guard let root = document.root else {
            findings.report(.empty, "\(fileName) is empty", at: Word("", at: .top))
            return nil
        }
        let reading = Reading(findings: findings, files: files)
        return PipelineReader.read(root, reading)
    }

    private static func contents(of files: FolderFiles, _ findings: Findings) -> Data? {
        do {
            return try files.read(fileName)
        } catch {
            findings.report(
                error.code, error.message, at: Word("", at: .top),
                fix: error.fix ?? "a pipeline is a folder with a \(fileName) in it")
            return nil
        }
    }
}

extension YAMLMark {
    /// The first character of a file.
    static let top = YAMLMark(line: 1, column: 1)
}

extension Findings {
    /// Notes what the YAML itself has against it.
    fileprivate func report(_ problem: YAMLProblem) {
        let code: DiagnosticCode =
            switch problem.kind {
            case .tooLarge: .tooLarge
            case .badBytes: .badBytes
            case .syntax: .syntax
            case .refused: .refusedYAML
            case .duplicateKey: .duplicateKey
            }
        report(
            code, problem.message, at: Word("", at: problem.mark, length: problem.length),
            fix: problem.fix)
    }
}
