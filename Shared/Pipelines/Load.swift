/// How rows get into the table.
public struct Load: Codable, Sendable, Equatable {
    public enum Mode: String, Codable, Sendable, CaseIterable {
        /// Insert new keys, replace older versions.
        case merge
        /// Add every row.
        case append
        /// Each object is all there is: the table holds the rows of the one that landed last, by
        /// its id. An older one that arrives late is superseded whole.
        case replace
        /// Keep every version of each key, with the time from which and until which it held.
        case scd2
    }

    public var mode: Mode
    /// The columns that name a row; empty for `append`, and where `replace` has none.
    public var key: [String]
    /// The column whose larger value wins, in a batch and against the table. On a tie the row that
    /// the table has stays; inside a batch the later object, then the later line wins. For `scd2`
    /// the time from which a version holds.
    public var newestBy: String?
    /// A condition over the columns, in the warehouse's SQL: a row that fulfils it deletes its key.
    /// The newest wins here too, and on a tie the deletion.
    public var deleteWhen: String?
    /// Nil where the pipeline does not say; `isNeverEmpty` is what holds.
    public var neverEmpty: Bool?
    /// How many per cent fewer rows an extract may have than the last one; nil for any.
    public var maxShrink: Double?

    public init(
        mode: Mode, key: [String], newestBy: String?, deleteWhen: String? = nil,
        neverEmpty: Bool? = nil, maxShrink: Double? = nil
    ) {
        self.mode = mode
        self.key = key
        self.newestBy = newestBy
        self.deleteWhen = deleteWhen
        self.neverEmpty = neverEmpty
        self.maxShrink = maxShrink
    }

    /// True when an extract without rows leaves the table as it is.
    public var isNeverEmpty: Bool { neverEmpty ?? (mode == .replace) }

    /// True when a batch can be run again: what its objects gave can be told from all else.
    public var isReplayable: Bool { mode == .merge || mode == .append }

    /// The columns that name one row of a batch: of several such rows one is kept.
    public var rowKey: [String] {
        switch mode {
        case .append: []
        case .merge, .replace: key
        case .scd2: key + (newestBy.map { [$0] } ?? [])
        }
    }
}
