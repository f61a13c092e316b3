/// The types of columns. Each engine and warehouse dialect maps them.
public enum ColumnType: String, Codable, Sendable, CaseIterable {
    case smallint, integer, bigint, double, boolean, text, date
    /// Wall time without a zone, microseconds.
    case timestamp
    /// A moment, microseconds; a value without an offset is refused.
    case timestamptz
    /// Exact, 38 digits, 9 of them behind the point.
    case decimal
    case json
}
