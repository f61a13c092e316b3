/// How the answers of an HTTP API are written.
public enum HTTPFormat: Codable, Sendable, Equatable {
    case json
    /// Records are elements; those of these names are arrays, however often they come.
    case xml(lists: [String])
    /// Delimited text with a header line.
    case csv(CSVFormat)
}
