public import Foundation

/// What a client has sent, whole.
public struct HTTPServerRequest: Sendable {
    /// e.g. `GET`.
    public let method: String
    /// Without the query, e.g. `/metrics`.
    public let path: String
    /// The values of the query by name; the last one wins.
    public let query: [String: String]
    /// By name in lower case; the last one wins.
    public let headers: [String: String]
    public internal(set) var body: Data
}
