import Foundation
import YAML

/// Reading a YAML file: what is wrong with it as YAML is noted.
extension Findings {
    /// The document in a file, opened for excerpts; nil when it has none that can be read.
    ///
    /// - Parameter fix: What to do where there is no such file.
    func document(_ name: String, in files: FolderFiles, fix: String? = nil) -> YAMLNode? {
        guard let bytes = contents(name, of: files, fix: fix) else { return nil }
        open(name, text: String(decoding: bytes, as: UTF8.self))
        let document = YAMLDocument(bytes)
        for problem in document.problems { report(problem, in: name) }
        SecretRule.check(name, self)
        if document.root == nil, document.problems.isEmpty {
            report(.empty, "\(name) is empty", at: Word("", at: .top), in: name)
        }
        return document.root
    }

    private func contents(_ name: String, of files: FolderFiles, fix: String?) -> Data? {
        do {
            return try files.read(name)
        } catch {
            report(
                error.code, error.message, at: Word("", at: .top), in: name,
                fix: error.fix ?? fix)
            return nil
        }
    }

    private func report(_ problem: YAMLProblem, in file: String) {
        let code: DiagnosticCode =
            switch problem.kind {
            case .tooLarge: .tooLarge
            case .badBytes: .badBytes
            case .syntax: .syntax
            case .refused: .refusedYAML
            case .duplicateKey: .duplicateKey
            case .ambiguousKey: .ambiguousText
            }
        report(
            code, problem.message, at: Word("", at: problem.mark, length: problem.length),
            in: file, fix: problem.fix)
    }
}

extension YAMLMark {
    /// The first character of a file.
    static let top = YAMLMark(line: 1, column: 1)
}
