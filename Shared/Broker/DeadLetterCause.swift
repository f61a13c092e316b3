import Foundation

/// How the broker itself set a message aside: the newest entry of `x-death`.
struct BrokerDeath {
    /// `delivery_limit`, `rejected`, `expired`, `maxlen`.
    let reason: String
    let time: Date?

    init?(_ headers: [String: FieldValue]) {
        guard case .list(let deaths)? = headers["x-death"], case .table(let last)? = deaths.first
        else { return nil }
        reason = last["reason"]?.text?.printable ?? "unknown"
        time = last["time"]?.number.map { Date(timeIntervalSince1970: Double($0)) }
    }
}

extension DeadLetter {
    /// Why it is one: in our own words, or the broker's.
    struct Cause {
        let reason: String
        let errorClass: String
        let errorMessage: String
        /// True when a service wrote it.
        let isOurs: Bool

        init(
            _ headers: [String: FieldValue], _ service: String, _ routingKey: String,
            _ death: BrokerDeath?
        ) {
            func text(_ name: String) -> String? { headers[name]?.text?.printable }
            let own = text(MillraceHeader.reason)
            isOurs = own != nil && service != DeadLetter.unrouted
            if service == DeadLetter.unrouted {
                reason = "unrouted"
                errorClass = "broker.unrouted"
                errorMessage =
                    "no queue was there for `\(routingKey.printable)`: "
                    + "`millrace topology apply` makes it"
            } else if let own {
                // What an attempt said that failed before the broker took it away is not the
                // reason of that.
                reason = own.cut(toBytes: 100)
                errorClass = (text(MillraceHeader.errorClass) ?? "unknown").cut(toBytes: 200)
                errorMessage = (text(MillraceHeader.errorMessage) ?? "").cut(toBytes: 4000)
            } else {
                reason = (death?.reason ?? "unknown").cut(toBytes: 100)
                errorClass = "broker.\(reason)"
                errorMessage = Self.sentence(for: reason)
            }
        }

        private static func sentence(for reason: String) -> String {
            switch reason {
            case "delivery_limit":
                "the service was handed it too often without an answer: it may crash on it"
            case "rejected":
                "the service gave it to the broker, which took nothing else from it then; "
                    + "the service's log has the error"
            case "expired": "it waited longer than its queue lets it"
            case "maxlen": "its queue was full"
            default: "it does not say why it is here"
            }
        }
    }
}
