public import struct Foundation.Date

/// A subscriber's server has taken the news of an alert.
public struct DeliverySent: EventData {
    public static let kind = EventKind.deliverySent
    public var delivery: String
    public var subscription: String
    /// The id of the alert's event.
    public var alert: String
    public var topic: String
    public var pipeline: String
    public var dataset: String
    /// `email` or `webhook`.
    public var channel: String
    /// This one included.
    public var attempts: Int
    public var sentAt: Date

    public init(
        delivery: String, subscription: String, alert: String, topic: String, pipeline: String,
        dataset: String, channel: String, attempts: Int, sentAt: Date = Date()
    ) {
        self.delivery = delivery
        self.subscription = subscription
        self.alert = alert
        self.topic = topic
        self.pipeline = pipeline
        self.dataset = dataset
        self.channel = channel
        self.attempts = attempts
        self.sentAt = sentAt
    }

    public var subject: String { dataset }
}

/// A subscriber could not be told, and no more is tried.
public struct DeliveryFailed: EventData {
    public static let kind = EventKind.deliveryFailed
    public var delivery: String
    public var subscription: String
    public var alert: String
    public var topic: String
    public var pipeline: String
    public var dataset: String
    public var channel: String
    public var attempts: Int
    /// One sentence, without secrets.
    public var reason: String
    public var failedAt: Date

    public init(
        delivery: String, subscription: String, alert: String, topic: String, pipeline: String,
        dataset: String, channel: String, attempts: Int, reason: String, failedAt: Date = Date()
    ) {
        self.delivery = delivery
        self.subscription = subscription
        self.alert = alert
        self.topic = topic
        self.pipeline = pipeline
        self.dataset = dataset
        self.channel = channel
        self.attempts = attempts
        self.reason = reason
        self.failedAt = failedAt
    }

    public var subject: String { dataset }
}
