/// Where mail is handed over: a mail server and how to talk to it.
public struct MailServer: Sendable {
    /// How the way to it is protected.
    public enum Encryption: String, Sendable, CaseIterable {
        /// TLS from the first byte (`smtps`), or STARTTLS before anything else (`smtp`).
        case required
        /// None; only to a server on this host.
        case off
    }

    let url: String
    let user: String?
    let password: String?
    let encryption: Encryption
    let certificateAuthorities: String?
    /// True where TLS is spoken from the first byte.
    var isEncryptedAtOnce: Bool { url.hasPrefix("smtps://") }

    /// - Parameters:
    ///   - url: `smtp://host:587` or `smtps://host:465`.
    ///   - certificateAuthorities: A file with the trusted roots; the system's by default.
    /// - Throws: `OutboundError` (invalid), with the fix.
    public init(
        url: String, user: String? = nil, password: String? = nil,
        encryption: Encryption = .required, certificateAuthorities: String? = nil
    ) throws(OutboundError) {
        let scheme = url.prefix { $0 != ":" }
        let rest = url.dropFirst(scheme.count)
        guard scheme == "smtp" || scheme == "smtps", rest.hasPrefix("://"),
            !rest.dropFirst(3).contains(where: { "/@?# ".contains($0) }),
            (try? WebAddress("http" + rest)) != nil
        else {
            throw OutboundError(
                .invalid, "mail server", "write smtp://host:port or smtps://host:port, no more")
        }
        if scheme == "smtps", encryption == .off {
            throw OutboundError(.invalid, "mail server", "smtps:// is always encrypted")
        }
        self.url = url
        self.user = user
        self.password = password
        self.encryption = encryption
        self.certificateAuthorities = certificateAuthorities
    }
}
