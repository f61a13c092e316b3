/// What an answer means.
public struct HTTPResponseRule: Codable, Sendable, Equatable {
    /// What is done about it.
    public enum Action: String, Codable, Sendable, CaseIterable {
        /// The same is asked again, a few times.
        case retry
        /// There is nothing here: it counts as an answer without records.
        case skip
        /// The token is no longer good: the same is asked once more with another.
        case refresh
        /// There is no sense in asking again before the next poll.
        case fail
    }

    /// Of statuses; empty for every one.
    public var statuses: [ClosedRange<Int>]
    /// A text in the first 4 KiB of the body; nil for any.
    public var body: String?
    public var action: Action

    public init(statuses: [ClosedRange<Int>] = [], body: String? = nil, _ action: Action) {
        self.statuses = statuses
        self.body = body
        self.action = action
    }

    /// True when the rule is about such an answer.
    ///
    /// - Parameter start: How the body begins.
    public func fits(status: Int, start: String) -> Bool {
        let isStatus = statuses.isEmpty || statuses.contains { $0.contains(status) }
        return isStatus && body.map(start.contains) ?? true
    }
}
