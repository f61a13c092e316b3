/// A value in a YAML document, with the place where it stands.
public struct YAMLNode: Sendable, Equatable {
    /// What a node holds.
    public enum Content: Sendable, Equatable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        /// In the order of the document; no key twice.
        case mapping([YAMLEntry])
    }

    public let content: Content
    /// Its first character.
    public let start: YAMLMark

    public init(_ content: Content, start: YAMLMark) {
        self.content = content
        self.start = start
    }

    /// The value of a key; nil when it is no mapping or has no such key.
    public subscript(_ key: String) -> YAMLNode? {
        guard case .mapping(let entries) = content else { return nil }
        return entries.first { $0.key.text == key }?.value
    }

    /// What an author would call it, for messages: `a text`, `a list`, `a mapping`, `nothing`.
    public var kindName: String {
        switch content {
        case .scalar(let scalar): scalar.isNull ? "nothing" : "a text"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}

/// One key of a mapping with its value.
public struct YAMLEntry: Sendable, Equatable {
    public let key: YAMLScalar
    /// The key's first character.
    public let start: YAMLMark
    public let value: YAMLNode

    public init(key: YAMLScalar, start: YAMLMark, value: YAMLNode) {
        self.key = key
        self.start = start
        self.value = value
    }
}

/// A text in a YAML document. What it means is for its reader to say; only whether the author
/// quoted it is remembered.
public struct YAMLScalar: Sendable, Equatable {
    public let text: String
    /// True when it stands without quotes, so that other readers of YAML may take it for a number,
    /// a date or a boolean.
    public let isPlain: Bool
    /// What stands in the document; another text than `text` where something was filled in.
    public let written: String

    public init(_ text: String, isPlain: Bool, written: String? = nil) {
        self.text = text
        self.isPlain = isPlain
        self.written = written ?? text
    }

    /// True for a plain `null`, `~`, or nothing at all.
    public var isNull: Bool { isPlain && ["", "~", "null", "Null", "NULL"].contains(text) }
}
