/// What became of the records that were read. For a whole batch, and for each of its objects.
public struct Counts: Codable, Sendable, Equatable {
    /// Records found in the objects, those that could not be parsed included.
    public var read: Int
    /// Records that are rows of the target after the publish.
    public var published: Int
    /// Records that gave way to a newer one of the same key, in the batch or in the target.
    public var superseded: Int
    /// Records that the pipeline's own SELECT left out.
    public var filtered: Int
    /// Records kept as rejects.
    public var rejected: Int

    public init(
        read: Int = 0, published: Int = 0, superseded: Int = 0, filtered: Int = 0, rejected: Int = 0
    ) {
        self.read = read
        self.published = published
        self.superseded = superseded
        self.filtered = filtered
        self.rejected = rejected
    }

    /// True when `read = published + superseded + filtered + rejected`.
    public var isBalanced: Bool { read == published + superseded + filtered + rejected }

    /// True when there were records and none of them could go on.
    public var isAllRejected: Bool { read > 0 && rejected == read }

    /// Records that go on to the warehouse, before it is known how many of them win there.
    public var kept: Int { read - superseded - filtered - rejected }

    public static func + (left: Counts, right: Counts) -> Counts {
        Counts(
            read: left.read + right.read, published: left.published + right.published,
            superseded: left.superseded + right.superseded,
            filtered: left.filtered + right.filtered, rejected: left.rejected + right.rejected)
    }
}
