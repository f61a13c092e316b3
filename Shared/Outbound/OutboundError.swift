public import Events

/// Why another server did not get, or did not take, what was sent to it.
public struct OutboundError: ClassifiedError {
    /// The kinds of reasons.
    public enum Kind: String, Sendable {
        /// The request itself cannot be sent: a malformed URL, header or address.
        case invalid
        /// The address is one that this client may not reach; no socket was opened.
        case guarded
        /// No connection, or it broke.
        case unreachable
        case timedOut
        /// The other side could not prove who it is, or does not offer TLS.
        case untrusted
        /// The answer is longer than the limit.
        case tooLong
        /// The mail server says: later (4xx).
        case busy
        /// The mail server says: no (5xx).
        case refused
    }

    public let kind: Kind
    /// Whom it was sent to, without path, query or credentials.
    public let target: String
    /// What happened, in one sentence without secrets.
    public let reason: String
    /// The mail server's reply code, where there is one.
    public let replyCode: Int?

    init(_ kind: Kind, _ target: String, _ reason: String, replyCode: Int? = nil) {
        self.kind = kind
        self.target = target
        self.reason = reason
        self.replyCode = replyCode
    }

    public var description: String { "\(target): \(reason)" }

    public var errorClass: String { "outbound.\(kind.rawValue)" }

    public var disposition: Disposition {
        switch kind {
        case .unreachable, .timedOut, .busy: .transient
        case .invalid, .guarded, .untrusted, .tooLong, .refused: .permanent
        }
    }
}
