/// A value in one of AMQP's tables: a header of a message, an entry of a policy.
public enum FieldValue: Sendable, Hashable {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([FieldValue])
    case table([String: FieldValue])
    /// A kind that Millrace never writes: a float, a decimal, nothing.
    case other

    /// The text, where it is one.
    public var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    /// The number, where it is one; other clients may have written it as text.
    public var number: Int? {
        switch self {
        case .number(let number): number
        case .text(let text): Int(text)
        default: nil
        }
    }
}
