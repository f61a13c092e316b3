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
    let password: String

    /// - Parameters:
    ///   - url: A password may stand in it; `password` wins.
    ///   - certificateAuthority: Path of a PEM file, for `amqps` only.
    /// - Throws: `BrokerError` that says what is wrong with the URL.
    public init(
        url: String, password: String? = nil, certificateAuthority: String? = nil
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
        self.certificateAuthority = certificateAuthority
    }

    /// The same broker and user, another virtual host.
    public func on(virtualHost: String) -> BrokerAddress {
        BrokerAddress(self, virtualHost: virtualHost)
    }

    /// Without the password.
    public var description: String {
        let vhost =
            virtualHost.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? virtualHost
        let bracketed = host.contains(":") ? "[\(host)]" : host
        return "\(usesTLS ? "amqps" : "amqp")://\(user)@\(bracketed):\(port)/\(vhost)"
    }

    private init(_ other: BrokerAddress, virtualHost: String) {
        host = other.host
        port = other.port
        user = other.user
        usesTLS = other.usesTLS
        certificateAuthority = other.certificateAuthority
        password = other.password
        self.virtualHost = virtualHost
    }

    private static func malformed(_ reason: String) -> BrokerError {
        BrokerError(.refused, during: "read the broker's URL", reason)
    }
}
