public import Events

/// Why the broker could not do what was asked.
public struct BrokerError: ClassifiedError {
    /// What went wrong, as far as it matters for what to do next.
    public enum Kind: String, Sendable {
        /// No connection, or it broke.
        case unreachable
        /// The broker does not let us: credentials, permission, certificate, virtual host.
        case refused
        /// No answer within the time given.
        case timedOut
        /// What is published to or consumed from is not there or is not as expected.
        case topology
        /// Nobody is bound where the message was sent.
        case unroutable
        /// The broker took the message but did not keep it: a queue is full.
        case full
        /// The message itself breaks a limit of the protocol or of ours.
        case unsendable
    }

    public let kind: Kind
    /// What was being done, e.g. `publish`.
    public let operation: String
    /// One sentence for a person, without secrets.
    public let reason: String
    /// AMQP's reply code, where the broker gave one.
    public let replyCode: Int?

    public init(_ kind: Kind, during operation: String, _ reason: String, replyCode: Int? = nil) {
        self.kind = kind
        self.operation = operation
        self.reason = reason
        self.replyCode = replyCode
    }

    public var description: String {
        let code = replyCode.map { " (\($0))" } ?? ""
        return "broker: \(operation): \(reason)\(code)"
    }

    /// The same with one more thing that a person should know.
    func adding(_ hint: String) -> BrokerError {
        BrokerError(kind, during: operation, "\(reason); \(hint)", replyCode: replyCode)
    }

    public var errorClass: String { "broker.\(kind.rawValue)" }

    /// All but a broken message may go well later: the broker comes back, a person applies the
    /// topology or a permission, a queue empties.
    public var disposition: Disposition { kind == .unsendable ? .permanent : .transient }

    /// The exchange that is not there, or that we may not write: the broker names it in its
    /// reason and says nothing else about which message it means.
    var refusedExchange: String? {
        guard replyCode == 403 || replyCode == 404,
            let match = reason.firstMatch(of: /exchange '([^']*)'/)
        else { return nil }
        return String(match.1)
    }
}
