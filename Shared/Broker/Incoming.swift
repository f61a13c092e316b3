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

    /// A message with what its consumer must know to answer. It goes through many hands, so they
    /// share one.
    final class Arrival: Sendable, Equatable {
        let tag: UInt64
        let isRedelivered: Bool
        let exchange: String
        let routingKey: String
        let message: Message

        init(
            tag: UInt64, isRedelivered: Bool, exchange: String, routingKey: String,
            message: Message
        ) {
            self.tag = tag
            self.isRedelivered = isRedelivered
            self.exchange = exchange
            self.routingKey = routingKey
            self.message = message
        }

        static func == (one: Arrival, other: Arrival) -> Bool {
            one.tag == other.tag && one.isRedelivered == other.isRedelivered
                && one.exchange == other.exchange && one.routingKey == other.routingKey
                && one.message == other.message
        }
    }
}
