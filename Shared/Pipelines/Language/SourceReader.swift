import YAML

/// Reads where a dataset's records come from. A new kind of source is a new key here.
enum SourceReader {
    static let keys = Keys(
        [
            Key(
                "files", .either([.text, .keys(filesKeys)]), "Files that appear in a folder",
                example: "shop/books"),
            HTTPSourceReader.key,
            ProgramReader.command,
            SingerSourceReader.key,
        ] + HTTPShareReader.keys)
    private static let kinds = ["files", "http", "call", "command", "singer"]
    private static let filesKeys: Keys = [
        Key("path", .text, "Below the inbox, or absolute", example: "shop/books", isRequired: true),
        Key(
            "patterns", .oneOrMore(.text),
            "Of files' names; by default all names that the format usually has",
            example: "[\"book*.csv\"]"),
        Key("settle", .duration, "How long a file must have rested; 100ms by default"),
    ]

    /// Stands in for a source that could not be read.
    static let none = Source.files(FilesSource(path: "", patterns: [], settleMilliseconds: 0))

    private static let defaultSettleMilliseconds = 100

    static func read(
        _ node: YAMLNode, of dataset: String, format: Format, _ reading: Reading
    ) -> Source {
        let findings = reading.findings
        let owner = "the source of dataset `\(dataset)`"
        guard
            let fields = Fields(
                node, of: owner, at: Word("", at: node.start), keys: keys, findings)
        else { return none }
        let given = kinds.filter { fields[$0] != nil }
        if given.count > 1, let word = fields.keyWord(given[0]) {
            findings.report(
                .misplacedOption, "a source is one of \(kinds.joined(separator: ", "))", at: word,
                fix: "keep one of them")
        }
        let share = HTTPShareReader(fields: fields, reading: reading)
        if let call = fields["call"] { return share.read(call).map(Source.http) ?? none }
        share.checkAbsence()
        if let node = fields["singer"] {
            return .singer(SingerSourceReader(dataset: dataset, reading: reading).read(node))
        }
        if let node = fields["command"] {
            return .command(ProgramReader(findings: findings).command(node, of: dataset))
        }
        if let http = fields["http"] {
            return .http(HTTPSourceReader(findings: findings).read(http, of: dataset))
        }
        guard !kinds.contains(where: fields.isMisspelt),
            let files = fields.required(
                "files", fix: "write files: {path: a-folder}, http, or call")
        else { return none }
        return .files(readFiles(files, of: dataset, format: format, reading))
    }

    private static func readFiles(
        _ node: YAMLNode, of dataset: String, format: Format, _ reading: Reading
    ) -> FilesSource {
        let findings = reading.findings
        let place = Word("", at: node.start)
        var source = FilesSource(
            path: "", patterns: defaultPatterns(format),
            settleMilliseconds: defaultSettleMilliseconds)
        guard case .mapping = node.content else {
            source.path = path(node, findings)?.text ?? ""
            claim(source.patterns.map { Word($0, at: place.start) }, source, dataset, reading)
            return source
        }
        let owner = "the files of dataset `\(dataset)`"
        guard let fields = Fields(node, of: owner, at: place, keys: filesKeys, findings) else {
            return source
        }
        source.path = fields.required("path").flatMap { path($0, findings) }?.text ?? ""
        let patterns = fields["patterns"].map { self.patterns($0, findings) }
        if let patterns { source.patterns = patterns.map(\.text) }
        source.settleMilliseconds =
            fields["settle"].flatMap { findings.milliseconds($0, "settle") }
            ?? defaultSettleMilliseconds
        let words = patterns ?? source.patterns.map { Word($0, at: fields.word(of: "path").start) }
        claim(words, source, dataset, reading)
        return source
    }

    private static func claim(
        _ patterns: [Word], _ source: FilesSource, _ dataset: String, _ reading: Reading
    ) {
        let instance = reading.setting.instance.map { " of \($0.file)" } ?? ""
        let taker = "dataset `\(dataset)`\(instance)"
        for pattern in patterns {
            reading.claims.claimFiles(pattern, in: source.path, for: taker, reading.findings)
        }
    }

    private static func path(_ node: YAMLNode, _ findings: Findings) -> Word? {
        guard let word = findings.text(node, "a path") else { return nil }
        let parts = word.text.split(separator: "/", omittingEmptySubsequences: false)
        if parts.contains("..") || parts.contains(".") || word.text.contains("\0") {
            findings.report(
                .badPath, "path `\(word.text)` has a part `.` or `..`", at: word,
                fix: "write it from the inbox on, like goodreads/authors, or absolute")
        }
        return word.text.hasSuffix("/")
            ? Word(String(word.text.dropLast()), at: word.start) : word
    }

    private static func patterns(_ node: YAMLNode, _ findings: Findings) -> [Word] {
        let patterns = findings.texts(node, "patterns")
        for pattern in patterns where pattern.text.contains("/") || pattern.text.isEmpty {
            findings.report(
                .badPath, "pattern `\(pattern.text)` is not one for a file's name", at: pattern,
                fix: "a pattern has no `/`; folders belong into the path")
        }
        return patterns
    }

    /// All names that the format usually has, plain and compressed.
    private static func defaultPatterns(_ format: Format) -> [String] {
        let csv = ["csv"]
        let jsonLines = ["jsonl", "ndjson", "json"]
        let parquet = ["parquet"]
        let endings =
            switch format {
            case .csv: csv
            case .jsonLines: jsonLines
            case .json: ["json"]
            case .parquet: parquet
            case .byName: csv + jsonLines + parquet
            }
        return endings.flatMap { ["*.\($0)", "*.\($0).gz", "*.\($0).zst"] }
    }
}
