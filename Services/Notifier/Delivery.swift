import Outbound
import Warehouse

/// One subscriber to tell about one alert, and how often that was tried.
struct Delivery: Sendable {
    /// The way to the subscriber.
    enum Target: Sendable {
        case email(MailAddress)
        case webhook(Webhook)
        case command(String, WebhookBody.Form)
        /// What the table holds cannot be used.
        case unusable(String)

        /// For events and metrics.
        var channel: String {
            switch self {
            case .email: "email"
            case .webhook: "webhook"
            case .command: "command"
            case .unusable: "unusable"
            }
        }
    }

    /// An endpoint and what it takes to reach it.
    struct Webhook: Sendable {
        var url: String
        /// The newest first; two while a secret is being replaced.
        var secrets: [WebhookSecret]
        /// Networks inside that this subscription may reach.
        var allowed: [Network]
        var form = WebhookBody.Form.envelope
        var adapter: WebhookAdapter
    }

    /// The same on every attempt.
    var id: String
    var subscription: String
    var target: Target
    var alert: Alert
    /// The attempt at hand included.
    var attempts: Int
    /// Those that came to an end since it was made or sent again; what a killed notifier had in
    /// hand is not held against the endpoint.
    var tries: Int
    /// The subscription's own; nil for the notifier's.
    var retries: RetryPolicy?
    /// The least time between two attempts.
    var gap: Duration
    /// The first delivery to this subscriber about the same trouble, where there was one.
    var thread: String?
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

    var isSent: Bool {
        if case .sent = self { return true }
        return false
    }

    var code: Int? {
        switch self {
        case .sent(let code), .postponed(_, let code, _), .refused(_, let code),
            .gone(_, let code):
            code
        }
    }

    var reason: String? {
        switch self {
        case .sent: nil
        case .postponed(let reason, _, _), .refused(let reason, _), .gone(let reason, _): reason
        }
    }
}

/// An attempt that came to an end: how, and the beginning of what was answered.
struct AttemptEnd: Sendable, Equatable {
    /// How much of an answer is kept.
    static let answerBytes = 1000

    var outcome: DeliveryOutcome
    /// Without the NUL that PostgreSQL cannot keep.
    var answer: String?

    init(_ outcome: DeliveryOutcome, answer: String? = nil) {
        self.outcome = outcome
        let kept = answer.map { String(decoding: $0.utf8.prefix(Self.answerBytes), as: UTF8.self) }
        self.answer = kept?.filter { $0 != "\0" }
    }
}
