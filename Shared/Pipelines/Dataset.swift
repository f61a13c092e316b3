/// One stream of records; it becomes one warehouse table of the same name.
public struct Dataset: Codable, Sendable, Equatable {
    public var name: String
    public var source: Source
    public var format: Format
    /// In the order of the warehouse table.
    public var columns: [Column]
    /// What becomes of what is not as declared.
    public var contract: Contract
    /// A SELECT over `{{input}}` in the engine's dialect; nil for none. It must hand on `_object`
    /// and `_line` and may leave rows out, but not make more of them.
    public var transform: String?
    public var load: Load
    public var checks: [Check]
    /// What becomes of objects inside of JSON records; nil means `keep`.
    public var nested: Nested?
    /// Fields that are known and never taken: `personal: drop`.
    public var dropped: [String]?
    /// Past it a batch is refused as a whole; nil for no limit.
    public var maxRejected: RejectLimit?
    /// What it says about its alerts, over what its pipeline says.
    public var alerts: AlertRules?
    /// The arrays in its records that become tables of their own; nil for none.
    public var children: [Child]?

    public init(
        name: String, source: Source, format: Format, columns: [Column],
        contract: Contract = Contract(), transform: String?, load: Load, checks: [Check],
        nested: Nested? = nil, dropped: [String]? = nil,
        maxRejected: RejectLimit? = nil, children: [Child]? = nil,
        alerts: AlertRules? = nil
    ) {
        self.name = name
        self.source = source
        self.format = format
        self.columns = columns
        self.contract = contract
        self.transform = transform
        self.load = load
        self.checks = checks
        self.nested = nested
        self.dropped = dropped
        self.maxRejected = maxRejected
        self.alerts = alerts
        self.children = children
    }

    private enum CodingKeys: String, CodingKey {
        case name, source, format, columns, transform, load, checks, nested, dropped, maxRejected
        case alerts
        case children
        /// Revisions of earlier releases have a word for unknown fields here.
        case contract = "unknownFields"
    }

    /// The column of that name.
    public func column(_ name: String) -> Column? { columns.first { $0.name == name } }
}

/// What becomes of objects inside of JSON records.
public enum Nested: String, Codable, Sendable, CaseIterable {
    /// They go into `json` columns as they are written (the default).
    case keep
    /// A field `author.name` is also looked for as `name` in the object `author`.
    case flatten
}
