/// What the broker tells us without being asked.
enum Incoming: Sendable, Equatable {
    case delivered(Arrival)
    /// The answer to a publish: kept, or refused.
    case settled(tag: UInt64, multiple: Bool, isKept: Bool)
    /// A mandatory message that nobody is bound for; its confirm still comes.
    case returned(id: String, exchange: String, routingKey: String)
    /// The broker has ended our consumer, because its queue is gone.
    case cancelled
    /// A resource alarm: the broker reads nothing of what we publish until `unblocked`.
    case blocked(reason: String)
    case unblocked

    /// A message with what its consumer must know to answer.
    struct Arrival: Sendable, Equatable {
        let tag: UInt64
        let isRedelivered: Bool
        let exchange: String
        let routingKey: String
        var message: Message
    }
}
