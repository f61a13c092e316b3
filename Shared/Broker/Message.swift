public import Foundation

/// A message as it goes to the broker and comes from it.
public struct Message: Sendable, Equatable {
    /// AMQP's `message-id`: the event's id, the same on every retry.
    public var id: String
    public var contentType: String
    public var headers: [String: FieldValue]
    public var body: Data
    /// How long it may stay in a queue before it is dead-lettered.
    public var expirationMilliseconds: Int?

    public init(
        id: String, contentType: String = "application/json", headers: [String: FieldValue] = [:],
        body: Data, expirationMilliseconds: Int? = nil
    ) {
        self.id = id
        self.contentType = contentType
        self.headers = headers
        self.body = body
        self.expirationMilliseconds = expirationMilliseconds
    }
}

/// A message and where it shall go.
public struct Posting: Sendable, Equatable {
    public var exchange: String
    public var routingKey: String
    public var message: Message
    /// True when nobody being bound for it is fine: it is news, not work.
    public var mayBeUnread: Bool

    public init(
        _ message: Message, to exchange: String, routingKey: String, mayBeUnread: Bool = false
    ) {
        self.message = message
        self.exchange = exchange
        self.routingKey = routingKey
        self.mayBeUnread = mayBeUnread
    }
}

/// A message that the broker has handed to us and waits to hear about.
public struct Delivery: Sendable, Equatable {
    /// Counts the connections of one consumer: a delivery of an earlier one is not ours any more.
    let connection: Int
    private let arrival: Incoming.Arrival

    init(_ arrival: Incoming.Arrival, on connection: Int) {
        self.connection = connection
        self.arrival = arrival
    }

    var tag: UInt64 { arrival.tag }
    /// True when somebody was handed it before.
    public var isRedelivered: Bool { arrival.isRedelivered }
    public var exchange: String { arrival.exchange }
    public var routingKey: String { arrival.routingKey }
    public var message: Message { arrival.message }
}
