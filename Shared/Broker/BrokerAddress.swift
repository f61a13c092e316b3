import Foundation

/// Where the broker is and who we are there: `amqp://user@host:port/vhost`, or `amqps://` for TLS.
public struct BrokerAddress: Sendable, CustomStringConvertible {
    public let host: String
    public let port: Int
    public let user: String
    public let virtualHost: String
    /// True for `amqps`: TLS 1.2 or newer with the broker's certificate verified.
    public let usesTLS: Bool
    /// PEM file of the authority that signed the broker's certificate; nil means the system's.
    public let certificateAuthority: String?
    /// Where the password came from, e.g. the name of a variable; never the password.
    public let passwordSource: String?
    let password: String

    /// - Parameters:
    ///   - url: A password may stand in it; `password` wins.
    ///   - passwordSource: What to name to a person when the broker does not take the password.
    ///   - certificateAuthority: Path of a PEM file, for `amqps` only.
    /// - Throws: `BrokerError` that says what is wrong with the URL.
    public init(
        url: String, password: String? = nil, passwordSource: String? = nil,
        certificateAuthority: String? = nil
    ) throws(BrokerError) {
        guard let parts = URLComponents(string: url), let host = parts.host, !host.isEmpty else {
            throw Self.malformed("it must look like amqp://user@host:5672/vhost")
        }
        guard parts.scheme == "amqp" || parts.scheme == "amqps" else {
            throw Self.malformed("it must begin with amqp:// or amqps://")
        }
        self.host = host.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
        usesTLS = parts.scheme == "amqps"
        port = parts.port ?? (usesTLS ? 5671 : 5672)
        user = parts.user ?? "guest"
        self.password = password ?? parts.password ?? ""
        let path = parts.percentEncodedPath.dropFirst()
        guard !path.contains("/"), let name = path.removingPercentEncoding else {
            throw Self.malformed("a slash in the virtual host's name is written %2F")
        }
        virtualHost = name.isEmpty ? "/" : name
        self.passwordSource = password == nil ? nil : passwordSource
        self.certificateAuthority = certificateAuthority
    }

    /// The same broker and user, another virtual host.
    public func on(virtualHost: String) -> BrokerAddress {
        BrokerAddress(self, user: user, password: password, virtualHost: virtualHost)
    }

    /// The same broker, another user, whose password stands elsewhere.
    public func with(user: String, password: String = "") -> BrokerAddress {
        BrokerAddress(self, user: user, password: password, virtualHost: virtualHost)
    }

    /// What a person should look at when the broker lets this user not in.
    var loginHint: String {
        let source = passwordSource ?? (password.isEmpty ? "nowhere: none is set" : "the URL")
        return "check the user `\(user)` and its password, which comes from \(source)"
    }

    /// Without the password.
    public var description: String {
        let vhost =
            virtualHost.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? virtualHost
        let bracketed = host.contains(":") ? "[\(host)]" : host
        return "\(usesTLS ? "amqps" : "amqp")://\(user)@\(bracketed):\(port)/\(vhost)"
    }

    private init(
        _ other: BrokerAddress, user: String, password: String, virtualHost: String
    ) {
        host = other.host
        port = other.port
        self.user = user
        usesTLS = other.usesTLS
        certificateAuthority = other.certificateAuthority
        self.password = password
        passwordSource = user == other.user ? other.passwordSource : nil
        self.virtualHost = virtualHost
    }

    private static func malformed(_ reason: String) -> BrokerError {
        BrokerError(.refused, during: "read the broker's URL", reason)
    }
}
