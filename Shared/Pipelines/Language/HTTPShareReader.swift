import YAML

/// Reads what a dataset takes of a call that several may share.
struct HTTPShareReader {
    static let keys: [Key] = [
        Key("call", .text, "A call of the pipeline's `sources`", example: "goodreads.details"),
        Key(
            "records", .text, "The keys that lead to its records inside of the call's",
            example: "book.authors"),
        Key(
            "with", .texts(.text),
            "Fields besides, from the call's record; {asked_at} is the time of the call",
            example: "{book_id: book.id, seen_at: \"{asked_at}\"}"),
    ]
    private static let askedAt = "{asked_at}"

    let fields: Fields
    let reading: Reading
    private var findings: Findings { reading.findings }

    /// Nil where the call is not there.
    func read(_ node: YAMLNode) -> HTTPSource? {
        guard let word = findings.text(node, "a call") else { return nil }
        guard var source = reading.calls[word.text] else {
            findings.reportUnknown(
                .unknownWord, "there is no call `\(word.text)` in the pipeline's sources", word,
                among: reading.calls.keys.sorted(), called: "calls there")
            return nil
        }
        let records = fields["records"].flatMap {
            HTTPPathReader.read($0, "the path to the records", findings)
        }
        let with = fields["with"].map { self.with($0) } ?? []
        source.share = HTTPShare(records: records ?? [], with: with)
        return source
    }

    /// Notes what is only for calls.
    func checkAbsence() {
        for key in ["records", "with"] {
            guard let word = fields.keyWord(key) else { continue }
            findings.report(
                .misplacedOption, "`\(key)` is for a source with `call`", at: word,
                fix: "remove it")
        }
    }

    private func with(_ node: YAMLNode) -> [HTTPAddedField] {
        findings.entries(node, "fields").compactMap { entry in
            guard let word = findings.text(entry.value, "`\(entry.key.text)`") else { return nil }
            if word.text == Self.askedAt { return HTTPAddedField(entry.key.text, .askedAt) }
            if word.text.contains("{") {
                findings.reportUnknown(
                    .unknownWord, "`\(word.text)` is no value of a call", word,
                    among: [Self.askedAt], called: "write the keys that lead to a value, or")
                return nil
            }
            return HTTPPathReader.path(word, findings).map {
                HTTPAddedField(entry.key.text, .record($0))
            }
        }
    }
}
