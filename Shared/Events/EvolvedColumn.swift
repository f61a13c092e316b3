/// A column of a batch that is not as its revision declares it.
public struct EvolvedColumn: Codable, Sendable, Equatable {
    public var name: String
    /// The field that it is read from.
    public var field: String
    /// The type that the batch's values ask for; nil for a new column that has none.
    public var type: String?
    /// False where the revision declares the column, with another type. New ones are texts in the
    /// batch's Parquet, just as they were written.
    public var isNew: Bool
    /// The name of the object that brought it.
    public var object: String

    public init(name: String, field: String, type: String?, isNew: Bool, object: String) {
        self.name = name
        self.field = field
        self.type = type
        self.isNew = isNew
        self.object = object
    }
}
