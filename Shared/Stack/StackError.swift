/// Why a local stack, or a part of it, could not be started or stopped.
public struct StackError: Error, CustomStringConvertible, Sendable {
    /// One sentence for a person, with the fix where there is one.
    public let description: String
    /// A command that helps, as it can be typed.
    public let remedy: String?

    public init(_ description: String, try remedy: String? = nil) {
        self.description = description
        self.remedy = remedy
    }
}
