public import Foundation

/// What filter policies look at: a message's attributes and its body.
public struct FilterMessage: Sendable {
    let attributes: JSONValue
    /// Nil when it is no JSON: no policy on the body lets it through.
    let body: JSONValue?

    /// - Parameter body: Any bytes.
    public init(attributes: [String: JSONValue], body: Data) {
        self.attributes = .object(
            attributes.sorted { $0.key < $1.key }.map { JSONValue.Member($0.key, $0.value) })
        do {
            self.body = try JSONValue(body)
        } catch {
            self.body = nil
        }
    }
}
