public import Events

/// What an engine found in the objects of a batch.
public struct TransformReport: Sendable, Equatable {
    /// In the order of the job's objects.
    public var objects: [ObjectReport]

    /// The columns that are not as the dataset declares them.
    public var evolved: [EvolvedColumn]

    public init(objects: [ObjectReport], evolved: [EvolvedColumn] = []) {
        self.objects = objects
        self.evolved = evolved
    }

    /// The sum over the objects.
    public var counts: Counts { objects.reduce(Counts()) { $0 + $1.counts } }
    /// True when the job's `processed` file was written.
    public var hasRows: Bool { counts.kept > 0 }
    /// True when the job's `rejects` file was written.
    public var hasRejects: Bool { counts.rejected > 0 }
}

/// What an engine found in one object.
public struct ObjectReport: Sendable, Equatable {
    /// `published` is zero: an engine does not publish. `kept` rows are in the output.
    public var counts: Counts
    /// The same for the elements of its records, by the child's name.
    public var children: [String: Counts]
    /// Why the whole object was refused: it then counts as one record that could not be read.
    public var refusal: String?
    /// The kind of that.
    public var reason: RejectReason?
    /// What the contract has let pass, a sentence each.
    public var notes: [String]

    public init(
        counts: Counts = Counts(), refusal: String? = nil, reason: RejectReason? = nil,
        notes: [String] = [], children: [String: Counts] = [:]
    ) {
        self.counts = counts
        self.children = children
        self.refusal = refusal
        self.reason = reason
        self.notes = notes
    }
}
