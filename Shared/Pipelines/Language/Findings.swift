import YAML

/// A text in a pipeline's folder with its place.
struct Word {
    let text: String
    let start: YAMLMark
    /// How many characters it takes in its line.
    let length: Int
    /// How many characters in its first line stand before the text; nil where the text is not what
    /// stands there, so that no part of it has a place of its own.
    private let opening: Int?

    init(_ text: String, at start: YAMLMark, length: Int? = nil) {
        self.text = text
        self.start = start
        self.length = max(1, length ?? text.count)
        opening = 0
    }

    init(_ scalar: YAMLScalar, at start: YAMLMark) {
        text = scalar.text
        self.start = start
        let quotes = scalar.isPlain || scalar.written != scalar.text ? 0 : 2
        length = max(1, scalar.written.count + quotes)
        opening = scalar.written == scalar.text ? quotes / 2 : nil
    }

    /// A part of its text, with the place of the part where it has one.
    func part(_ part: Substring) -> Word {
        guard let opening else { return Word(String(part), at: start, length: length) }
        let offset = text.distance(from: text.startIndex, to: part.startIndex) + opening
        let mark = YAMLMark(line: start.line, column: start.column + offset)
        return Word(String(part), at: mark)
    }
}

/// Collects the mistakes while a folder is read. Reading goes on after each.
final class Findings {
    /// The file that is read, where no other is named.
    var file = PipelineFolder.fileName
    private(set) var diagnostics: [Diagnostic] = []
    /// The same mistake in every environment is one.
    private var known: Set<Diagnostic> = []
    /// Places in the file that an instance fills: what is wrong there is wrong in the instance.
    private var origins: [YAMLMark: Variables.Origin] = [:]
    /// Places that could not be filled in, of which nothing more is said.
    private var silenced: Set<YAMLMark> = []
    /// The lines of each file that has been read.
    private var lines: [String: [Substring]] = [:]

    /// Makes a file's lines known, for excerpts.
    func open(_ file: String, text: String) {
        guard lines[file] == nil else { return }
        lines[file] = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    }

    /// The lines of a file that has been opened.
    func lines(of file: String) -> [Substring] { lines[file] ?? [] }

    /// Forgets what belongs to one environment and instance.
    func startReading() {
        origins = [:]
        silenced = []
    }

    /// Lays what is wrong at a place at an instance's door.
    func lay(_ place: YAMLMark, at origin: Variables.Origin) { origins[place] = origin }

    /// Says nothing more of a place.
    func silence(_ place: YAMLMark) { silenced.insert(place) }

    /// Where a text stands in the file, at or behind a mark. It is looked for, since YAML folds and
    /// unquotes.
    func find(_ text: String, from start: YAMLMark) -> Word? {
        for (index, line) in lines(of: file).enumerated().dropFirst(start.line - 1) {
            let skipped = index == start.line - 1 ? start.column - 1 : 0
            guard let match = line.dropFirst(skipped).firstRange(of: text) else { continue }
            let column = line.distance(from: line.startIndex, to: match.lowerBound) + 1
            return Word(text, at: YAMLMark(line: index + 1, column: column))
        }
        return nil
    }

    /// Notes a mistake.
    ///
    /// - Parameter file: The file that is read by default.
    func report(
        _ code: DiagnosticCode, _ message: String, at word: Word, in file: String? = nil,
        suggestion: String? = nil, fix: String? = nil, isSecret: Bool = false
    ) {
        guard file == nil, let origin = origins[word.start] else {
            guard file != nil || !silenced.contains(word.start) else { return }
            return add(
                code, message, at: word, in: file ?? self.file, suggestion: suggestion, fix: fix,
                isSecret: isSecret)
        }
        let use = "it fills ${\(origin.name)} in \(self.file):\(word.start.line)"
        add(
            code, message, at: origin.word, in: origin.file, suggestion: suggestion,
            fix: [fix, use].compactMap { $0 }.joined(separator: "; "), isSecret: false)
    }

    private func add(
        _ code: DiagnosticCode, _ message: String, at word: Word, in file: String,
        suggestion: String?, fix: String?, isSecret: Bool
    ) {
        let index = word.start.line - 1
        let all = lines(of: file)
        let first = max(0, index - 1)
        let shown = index < all.count && !isSecret ? all[first...index].map(String.init) : []
        let room = max(1, (shown.last?.count ?? word.length) - word.start.column + 1)
        let diagnostic = Diagnostic(
            code: code, file: file, line: word.start.line, column: word.start.column,
            length: min(word.length, room), message: message, suggestion: suggestion, fix: fix,
            excerpt: shown)
        if known.insert(diagnostic).inserted { diagnostics.append(diagnostic) }
    }

    /// Notes a word that is none of `choices`.
    func reportUnknown(
        _ code: DiagnosticCode, _ what: String, _ word: Word, among choices: [String],
        called name: String, in file: String? = nil
    ) {
        let nearest = Spelling.nearest(to: word.text, among: choices)
        let list = choices.isEmpty ? "there are none" : choices.joined(separator: ", ")
        report(
            code, what, at: word, in: file, suggestion: nearest,
            fix: "\(name): \(list)")
    }

    var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
}
