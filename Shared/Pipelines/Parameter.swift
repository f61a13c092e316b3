/// A value that a pipeline's models can be run with.
public struct Parameter: Codable, Sendable, Equatable {
    public var name: String
    public var type: ColumnType
    /// Text that PostgreSQL reads as `type`.
    public var value: String

    public init(name: String, type: ColumnType, value: String) {
        self.name = name
        self.type = type
        self.value = value
    }
}
