/// One column of a dataset: how to read it and what it must obey. A value that does not obey makes
/// its record a reject.
public struct Column: Codable, Sendable, Equatable {
    public var name: String
    /// The field's name in the records; the column's name where it is the same.
    public var field: String
    public var type: ColumnType
    /// A null is a reject.
    public var isRequired: Bool
    /// The field may be missing from an object; the column is null then. Else the object is
    /// refused.
    public var isOptional: Bool
    /// Texts that mean null (after trimming). The empty text is among them by default.
    public var nulls: [String]
    /// strptime patterns for dates and times; ISO 8601 where there is none.
    public var formats: [String]
    /// Runs of white space become one blank, none is left at the ends.
    public var collapsesWhitespace: Bool
    /// Tags and entities of HTML are taken out, before white space is; nil for no.
    public var stripsHTML: Bool?
    /// Inclusive limits, as the texts of numbers or times.
    public var minimum: String?
    public var maximum: String?
    /// The only values allowed; empty means any.
    public var accepted: [String]
    /// What codes stand for; it is looked up before the value is cast.
    public var map: CodeMap?
    /// How values are hidden, once they have passed every rule.
    public var personal: Personal?

    public init(
        name: String, field: String, type: ColumnType, isRequired: Bool = false,
        isOptional: Bool = false, nulls: [String] = [""], formats: [String] = [],
        collapsesWhitespace: Bool = false, stripsHTML: Bool? = nil, minimum: String? = nil,
        maximum: String? = nil,
        accepted: [String] = [], map: CodeMap? = nil, personal: Personal? = nil
    ) {
        self.name = name
        self.field = field
        self.type = type
        self.isRequired = isRequired
        self.isOptional = isOptional
        self.nulls = nulls
        self.formats = formats
        self.collapsesWhitespace = collapsesWhitespace
        self.stripsHTML = stripsHTML
        self.minimum = minimum
        self.maximum = maximum
        self.accepted = accepted
        self.map = map
        self.personal = personal
    }
}
