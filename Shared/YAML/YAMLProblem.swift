/// A reason why a text is not the YAML that is accepted here, and where.
public struct YAMLProblem: Error, Sendable, Equatable {
    public enum Kind: Sendable, Equatable, CaseIterable {
        /// Larger than the limit, or with too many or too deep values.
        case tooLarge
        /// Not UTF-8, or with a NUL byte or another character that YAML forbids.
        case badBytes
        /// Not YAML.
        case syntax
        /// Anchors, aliases, tags, keys that are no texts, several documents: YAML, but refused.
        case refused
        case duplicateKey
        /// A plain key that YAML 1.1 takes for something else than a text.
        case ambiguousKey
    }

    public let kind: Kind
    public let message: String
    /// What to do about it.
    public let fix: String?
    public let mark: YAMLMark
    /// How many characters are meant.
    public let length: Int

    public init(
        _ kind: Kind, _ message: String, fix: String? = nil, at mark: YAMLMark, length: Int = 1
    ) {
        self.kind = kind
        self.message = message
        self.fix = fix
        self.mark = mark
        self.length = length
    }
}
