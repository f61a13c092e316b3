import YAML

/// A mapping whose keys are known beforehand.
struct Fields {
    /// Whose fields they are, for messages: ``dataset `reviews` ``.
    let owner: String
    let place: Word
    let findings: Findings
    private let keys: Keys
    private var values: [String: YAMLNode] = [:]
    private var keyWords: [String: Word] = [:]
    /// Keys that stand there misspelt, and so are not missing as well.
    private var misspelt: Set<String> = []

    /// Notes each key that is not in `keys`; nil when `node` is no mapping.
    init?(_ node: YAMLNode, of owner: String, at place: Word, keys: Keys, _ findings: Findings) {
        guard case .mapping(let entries) = node.content else {
            findings.reportKind(node, expected: "a mapping for \(owner)")
            return nil
        }
        self.owner = owner
        self.place = place
        self.findings = findings
        self.keys = keys
        let present = Set(entries.map(\.key.text))
        let free = keys.names.filter { !present.contains($0) }
        for entry in entries {
            if keys.contains(entry.key.text) {
                values[entry.key.text] = entry.value
                keyWords[entry.key.text] = Word(entry.key, at: entry.start)
            } else {
                reportUnknown(entry, free: free)
            }
        }
    }

    /// The value of a key; nil when it is not there.
    subscript(_ key: String) -> YAMLNode? {
        precondition(keys.contains(key), "key `\(key)` is not declared")
        return values[key]
    }

    /// The value of a key that must be there.
    func required(_ key: String, fix: String? = nil) -> YAMLNode? {
        if let node = self[key] { return node }
        if !isMisspelt(key) {
            findings.report(
                .missingKey, "key `\(key)` is missing in \(owner)", at: place, suggestion: key,
                fix: fix)
        }
        return nil
    }

    /// Where a key's value stands; where the owner stands when it is not there.
    func word(of key: String) -> Word {
        guard let node = values[key] else { return place }
        guard case .scalar(let scalar) = node.content else { return Word("", at: node.start) }
        return Word(scalar, at: node.start)
    }

    /// Where a key itself stands.
    func keyWord(_ key: String) -> Word? { keyWords[key] }

    /// True when an unknown key is near to this one.
    func isMisspelt(_ key: String) -> Bool { misspelt.contains(key) }

    private mutating func reportUnknown(_ entry: YAMLEntry, free: [String]) {
        // What is wrong with it has been said.
        guard entry.key.keyTrap == nil else { return }
        // Of two keys that are equally near, the one that is not there yet is meant.
        let nearest = Spelling.nearest(to: entry.key.text, among: free + keys.names)
        if let nearest { misspelt.insert(nearest) }
        findings.report(
            .unknownKey, "unknown key `\(entry.key.text)` in \(owner)",
            at: Word(entry.key, at: entry.start), suggestion: nearest,
            fix: "keys there: \(keys.names.joined(separator: ", "))")
    }
}
