/// What a recovery of the spool found.
public struct SpoolRecovery: Sendable, Equatable {
    /// Names of torn writes that are removed.
    public var removed: [String] = []
    /// Source files whose segment was whole, removed now.
    public var finished: [String] = []
    /// Names of segments whose facts are missing or unreadable: a person has to look.
    public var unreadable: [String] = []
}
