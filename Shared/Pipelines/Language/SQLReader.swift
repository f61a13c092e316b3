import Foundation
import YAML

/// Reads SQL that stands in `pipeline.yaml`, or in a file that is named there: a value that is one
/// word and ends in `.sql`.
enum SQLReader {
    /// What the SQL is for.
    struct Use {
        let what: String
        /// The `{{name}}` that it must have.
        let extra: String?
        /// Whether it may name datasets, models and parameters.
        let seesTables: Bool
    }

    /// One SELECT, without what stands behind its end; empty when it cannot be read.
    static func read(_ node: YAMLNode, _ use: Use, _ reading: Reading) -> String {
        guard let word = reading.findings.text(node, "the SQL of \(use.what)") else { return "" }
        guard let source = isFile(word.text) ? file(word, reading) : inline(node, word) else {
            return ""
        }
        let rule = SQLRule(source: source, use: use, reading: reading)
        guard rule.check() else { return "" }
        reading.afterwards { rule.checkNames() }
        return source.sql.trimmed
    }

    /// Whether a value names a file.
    static func isFile(_ text: String) -> Bool {
        text.hasSuffix(".sql") && !text.contains(where: \.isWhitespace)
    }

    private static func inline(_ node: YAMLNode, _ word: Word) -> SQLSource {
        SQLSource(text: word.text, file: nil, place: word)
    }

    private static func file(_ word: Word, _ reading: Reading) -> SQLSource? {
        let findings = reading.findings
        do {
            let bytes = try reading.files.read(word.text)
            let isNew = reading.usage.insertFile(word.text)
            guard let text = String(validating: bytes, as: UTF8.self), !text.contains("\0") else {
                findings.report(
                    .badBytes, "`\(word.text)` is not UTF-8 text", at: word,
                    fix: "save the file as UTF-8")
                return nil
            }
            findings.open(word.text, text: text)
            if isNew { SecretRule.check(word.text, findings) }
            return SQLSource(text: text, file: word.text, place: word)
        } catch let failure {
            let near = Spelling.nearest(to: word.text, among: reading.files.sqlFiles())
            findings.report(
                failure.code, failure.message, at: word,
                suggestion: failure.code == .unreadableFile ? near : nil, fix: failure.fix)
            return nil
        }
    }
}

/// SQL text with the place that it came from.
struct SQLSource {
    let text: String
    /// Nil for SQL in `pipeline.yaml`.
    let file: String?
    /// Where `pipeline.yaml` says it, or names the file.
    let place: Word
    let sql: SQLText

    init(text: String, file: String?, place: Word) {
        self.text = text
        self.file = file
        self.place = place
        sql = SQLText(text)
    }

    /// Notes a mistake in it. `range` is exact in a file; in `pipeline.yaml` the first line behind
    /// the value's start that holds the text is meant, since YAML folds and unquotes.
    func report(
        _ code: DiagnosticCode, _ message: String, at range: Range<String.Index>? = nil,
        suggestion: String? = nil, fix: String? = nil, _ findings: Findings
    ) {
        let word = range.map { self.word(at: $0, findings) } ?? wholeWord
        findings.report(
            code, message, at: word, in: file, suggestion: suggestion,
            fix: fix)
    }

    private var wholeWord: Word { file == nil ? place : Word("", at: .top) }

    private func word(at range: Range<String.Index>, _ findings: Findings) -> Word {
        let found = String(text[range].prefix { !$0.isNewline })
        guard file == nil else {
            let before = text[..<range.lowerBound]
                .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            let mark = YAMLMark(line: before.count, column: (before.last?.count ?? 0) + 1)
            return Word(found, at: mark)
        }
        return findings.find(found, from: place.start) ?? place
    }
}
