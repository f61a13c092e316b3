import Outbound

/// One subscriber to tell about one alert, and how often that was tried.
struct Delivery: Sendable {
    /// The way to the subscriber.
    enum Target: Sendable {
        case email(MailAddress)
        case webhook(url: String, secret: WebhookSecret)
        /// What the table holds cannot be used.
        case unusable(String)

        /// For events and metrics.
        var channel: String {
            switch self {
            case .email: "email"
            case .webhook: "webhook"
            case .unusable: "unusable"
            }
        }
    }

    /// The same on every attempt.
    var id: String
    var subscription: String
    var target: Target
    var alert: Alert
    /// The attempt at hand included.
    var attempts: Int
}

/// How an attempt ended.
enum DeliveryOutcome: Sendable, Equatable {
    case sent(code: Int?)
    /// The same may work later; the other side may have asked for a pause.
    case postponed(reason: String, code: Int?, pause: Duration?)
    /// The same will not work later either.
    case refused(reason: String, code: Int?)
    /// The endpoint says that it is gone for good: nothing more goes there.
    case gone(reason: String, code: Int?)
}
