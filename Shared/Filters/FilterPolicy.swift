/// Which messages a subscriber wants: a filter policy as Amazon SNS reads it.
///
/// A message passes when every key of the policy finds one of its values in the message. Texts are
/// compared byte by byte, numbers as decimal numbers. The README has the operators.
public struct FilterPolicy: Sendable, Hashable {
    /// What it looks at.
    public enum Scope: String, Sendable, CaseIterable, Codable {
        case attributes, body
    }

    public let scope: Scope
    /// As it was written.
    public let text: String
    private let rule: FilterRule

    /// The most bytes of a policy.
    public static let byteLimit = 256 << 10
    /// The most keys on its highest level.
    public static let keyLimit = 5
    /// The most combinations of values.
    public static let combinationLimit = 150

    /// Reads a policy.
    ///
    /// - Parameter attributes: The attributes that messages have, where that is known: a policy on
    ///   another one would keep all messages back, for ever.
    /// - Throws: `FilterMistake` at the first place that is not as it should be.
    public init(
        _ text: String, scope: Scope = .attributes, attributes: [String]? = nil
    ) throws(FilterMistake) {
        guard text.utf8.count <= Self.byteLimit else {
            throw FilterMistake(
                "a policy has at most \(Self.byteLimit >> 10) KiB; this one has "
                    + "\(text.utf8.count) bytes", 0)
        }
        let bytes = Array(text.utf8)
        var reader = JSONReader(bytes)
        let compiler = FilterCompiler(
            scope: scope, attributes: scope == .attributes ? attributes : nil)
        do throws(FilterMistake) {
            rule = try compiler.compile(try reader.document())
        } catch {
            throw error.located(in: bytes)
        }
        self.scope = scope
        self.text = text
    }

    /// True when the message is wanted.
    public func accepts(_ message: FilterMessage) -> Bool {
        let part = scope == .attributes ? message.attributes : message.body
        guard let part, case .object = part else { return false }
        return rule.accepts(part, in: part)
    }
}
