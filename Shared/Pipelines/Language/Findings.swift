import YAML

/// A text in a pipeline's folder with its place.
struct Word {
    let text: String
    let start: YAMLMark
    /// How many characters it takes in its line.
    let length: Int

    init(_ text: String, at start: YAMLMark, length: Int? = nil) {
        self.text = text
        self.start = start
        self.length = max(1, length ?? text.count)
    }

    init(_ scalar: YAMLScalar, at start: YAMLMark) {
        self.init(scalar.text, at: start, length: scalar.text.count + (scalar.isPlain ? 0 : 2))
    }
}

/// Collects the mistakes while a folder is read. Reading goes on after each.
final class Findings {
    private(set) var diagnostics: [Diagnostic] = []
    /// The lines of each file that has been read.
    private var lines: [String: [Substring]] = [:]

    /// Makes a file's lines known, for excerpts.
    func open(_ file: String, text: String) {
        lines[file] = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    }

    /// The lines of a file that has been opened.
    func lines(of file: String) -> [Substring] { lines[file] ?? [] }

    /// Notes a mistake.
    func report(
        _ code: DiagnosticCode, _ message: String, at word: Word,
        in file: String = PipelineFolder.fileName, suggestion: String? = nil, fix: String? = nil,
        isSecret: Bool = false
    ) {
        let index = word.start.line - 1
        let all = lines(of: file)
        let first = max(0, index - 1)
        let shown = index < all.count && !isSecret ? all[first...index].map(String.init) : []
        let room = max(1, (shown.last?.count ?? word.length) - word.start.column + 1)
        diagnostics.append(
            Diagnostic(
                code: code, file: file, line: word.start.line, column: word.start.column,
                length: min(word.length, room), message: message, suggestion: suggestion, fix: fix,
                excerpt: shown))
    }

    /// Notes a word that is none of `choices`.
    func reportUnknown(
        _ code: DiagnosticCode, _ what: String, _ word: Word, among choices: [String],
        called name: String, in file: String = PipelineFolder.fileName
    ) {
        let nearest = Spelling.nearest(to: word.text, among: choices)
        let list = choices.isEmpty ? "there are none" : choices.joined(separator: ", ")
        report(
            code, what, at: word, in: file, suggestion: nearest,
            fix: "\(name): \(list)")
    }

    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}
