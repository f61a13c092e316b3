/// What the codes of a column stand for.
public struct CodeMap: Codable, Sendable, Equatable {
    /// By the code as it stands in the records, white space at its ends aside.
    public var values: [String: String]
    public var others: Others

    /// What becomes of a text that is none of the codes.
    public enum Others: String, Codable, Sendable, CaseIterable {
        /// The record is a reject (the default).
        case reject
        case keep
        case null
    }

    public init(values: [String: String], others: Others = .reject) {
        self.values = values
        self.others = others
    }
}
