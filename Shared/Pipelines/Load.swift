/// How rows get into the table.
public struct Load: Codable, Sendable, Equatable {
    public enum Mode: String, Codable, Sendable, CaseIterable {
        /// Insert new keys, replace older versions.
        case merge
        /// Add every row.
        case append
    }

    public var mode: Mode
    /// The columns that name a row; empty for `append`.
    public var key: [String]
    /// The column whose larger value wins, in a batch and against the table. On a tie the row that
    /// the table has stays; inside a batch the later object, then the later line wins.
    public var newestBy: String?

    public init(mode: Mode, key: [String], newestBy: String?) {
        self.mode = mode
        self.key = key
        self.newestBy = newestBy
    }
}
