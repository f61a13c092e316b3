import YAML

/// What a name must be like, so that it needs no care in a URL, a key, SQL or a shell.
enum NameRule {
    static let limitBytes = 40

    /// Notes what is wrong with a name; true when nothing is.
    @discardableResult
    static func check(_ word: Word, _ what: String, _ findings: Findings) -> Bool {
        if isReserved(word.text) {
            findings.report(
                .reservedName, "`\(word.text)` is a name of Millrace or of the warehouse",
                at: word, fix: "choose another name for \(what)")
            return false
        }
        if isName(word.text) { return true }
        let better = suggestion(for: word.text)
        findings.report(
            .badName, "`\(word.text)` cannot name \(what)", at: word,
            suggestion: better == word.text || better.isEmpty ? nil : better,
            fix: "a name is lower-case letters, digits and `_`, starts with a letter, and has at "
                + "most \(limitBytes) of them")
        return false
    }

    /// Notes what is wrong with a key that an author chose.
    @discardableResult
    static func check(_ entry: YAMLEntry, _ what: String, _ findings: Findings) -> Bool {
        let word = Word(entry.key, at: entry.start)
        // What is wrong with such a key has been said.
        return entry.key.keyTrap == nil && check(word, what, findings)
    }

    /// True for a name that no table or column can have.
    static func isReserved(_ name: String) -> Bool { reserved.contains(name) }

    /// Notes a schema that is not the pipeline's to take.
    static func checkSchema(_ word: Word, _ findings: Findings) {
        guard check(word, "a schema", findings) else { return }
        if word.text.hasPrefix("millrace") || word.text.hasPrefix("pg_")
            || word.text == "information_schema"
        {
            findings.report(
                .reservedName, "schema `\(word.text)` belongs to Millrace or to the warehouse",
                at: word, fix: "choose another; the pipeline's name is the default")
        }
    }

    /// True for what can be a name.
    static func isName(_ text: String) -> Bool {
        let letters = UInt8(ascii: "a")...UInt8(ascii: "z")
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        guard let first = text.utf8.first, letters.contains(first) else { return false }
        return text.utf8.count <= limitBytes
            && text.utf8.allSatisfy {
                letters.contains($0) || digits.contains($0) || $0 == UInt8(ascii: "_")
            }
    }

    private static func suggestion(for text: String) -> String {
        let plain = text.lowercased().unicodeScalars.map { scalar -> Character in
            let isWord = ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
            return isWord ? Character(scalar) : "_"
        }
        return String(String(plain).drop { !$0.isLetter }.prefix(limitBytes))
    }

    /// The columns that Millrace adds, the columns that every PostgreSQL table has, and the words
    /// of templates.
    private static let reserved: Set<String> = [
        "_object", "_line", "_source_id",
        "ctid", "xmin", "xmax", "cmin", "cmax", "tableoid",
        Pipeline.tableWord, Pipeline.inputWord,
    ]
}
