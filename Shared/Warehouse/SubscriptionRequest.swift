public import Events
public import Filters
import Outbound

/// What somebody wishes to be told, and how.
public struct SubscriptionRequest: Sendable {
    /// A topic, the beginning of topics and `*`, `*` for all, or several with commas between them.
    public var topic: String
    /// Only alerts of that pipeline; nil for all.
    public var pipeline: String?
    public var channel: Subscription.Channel
    /// The mailbox, the URL, or the program.
    public var target: String
    /// Nil for everything.
    public var filter: FilterPolicy?
    public var body: Subscription.Body
    /// How it is delivered to.
    public var delivery: DeliveryOptions

    public init(
        topic: String, pipeline: String? = nil, channel: Subscription.Channel, target: String,
        filter: FilterPolicy? = nil, body: Subscription.Body = .envelope,
        delivery: DeliveryOptions = DeliveryOptions()
    ) {
        // The same topics in another order are the same wish.
        let topics = topic.split(separator: ",", omittingEmptySubsequences: false)
            .map { String($0.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }
        self.topic = Set(topics).sorted().joined(separator: ",")
        self.pipeline = pipeline
        self.channel = channel
        self.target = target
        self.filter = filter
        self.body = body
        self.delivery = delivery
    }

    /// The topics one by one.
    public var topics: [String] { topic.split(separator: ",").map(String.init) }

    /// Why no subscription can be made of these; nil when one can.
    public var mistake: HandlingError? { topicMistake ?? targetMistake ?? delivery.mistake }

    private var topicMistake: HandlingError? {
        let all = topic.split(separator: ",", omittingEmptySubsequences: false)
        guard let wrong = all.first(where: { !Self.isTopic($0) }) else { return nil }
        return HandlingError(
            .permanent, "subscription.topic",
            "`\(wrong)` is not a topic: write one such as batch_refused, check_* or *")
    }

    private static func isTopic(_ text: Substring) -> Bool {
        let body = text.hasSuffix("*") ? text.dropLast() : text
        return !text.isEmpty
            && body.utf8.allSatisfy {
                $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
            }
    }

    private var targetMistake: HandlingError? {
        switch channel {
        case .email:
            guard MailAddress(target) == nil else { return nil }
            return HandlingError(
                .permanent, "subscription.email",
                "`\(target)` is not a mail address: write one such as someone@example.org")
        case .webhook:
            do {
                _ = try WebAddress(target)
                return nil
            } catch {
                return HandlingError(
                    .permanent, "subscription.webhook",
                    "`\(target)` is not a webhook's address: \(error.reason)")
            }
        case .command:
            let isPath =
                target.hasPrefix("/") && !target.utf8.contains { $0 < 0x20 || $0 == 0x7F }
            guard !isPath else { return nil }
            return HandlingError(
                .permanent, "subscription.command",
                "`\(target)` is not the full path of a program: write one such as "
                    + "/usr/local/bin/page-me")
        }
    }
}
