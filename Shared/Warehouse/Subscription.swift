public import Events
public import Foundation
import Outbound

/// Who wants to know what, and how.
public struct Subscription: Codable, Sendable, Equatable {
    /// The way to a subscriber.
    public enum Channel: String, Codable, Sendable, CaseIterable {
        case email, webhook
    }

    public var id: String
    /// A topic, `*`, or the beginning of topics and `*`, e.g. `check_*`.
    public var topic: String
    /// Only alerts of that pipeline; nil for all.
    public var pipeline: String?
    public var channel: Channel
    /// The mailbox or the URL.
    public var target: String
    public var createdAt: Date
    /// Set when the endpoint said that it is gone; nothing is sent any more.
    public var disabledAt: Date?

    /// Why no subscription can be made of these; nil when one can.
    public static func mistake(topic: String, channel: Channel, target: String) -> HandlingError? {
        let body = topic.hasSuffix("*") ? topic.dropLast() : topic[...]
        let isTopic = body.utf8.allSatisfy {
            $0 == UInt8(ascii: "_") || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
        }
        guard !topic.isEmpty, isTopic else {
            return HandlingError(
                .permanent, "subscription.topic",
                "`\(topic)` is not a topic: write one such as batch_refused, check_* or *")
        }
        switch channel {
        case .email where MailAddress(target) == nil:
            return HandlingError(
                .permanent, "subscription.email",
                "`\(target)` is not a mail address: write one such as someone@example.org")
        case .email:
            return nil
        case .webhook:
            do {
                _ = try WebAddress(target)
                return nil
            } catch {
                return HandlingError(
                    .permanent, "subscription.webhook",
                    "`\(target)` is not a webhook's address: \(error.reason)")
            }
        }
    }
}
