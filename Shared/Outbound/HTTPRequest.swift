public import Foundation

/// What is asked of an HTTP server.
public struct HTTPRequest: Sendable {
    /// The methods that are in use.
    public enum Method: String, Sendable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case delete = "DELETE"
    }

    /// A user's name and password, sent with the first request (RFC 7617).
    public struct BasicAuth: Sendable {
        let user: String
        let password: String

        public init(user: String, password: String) {
            self.user = user
            self.password = password
        }
    }

    public var method: Method
    /// Absolute, `http` or `https`.
    public var url: String
    /// In the order in which they are sent.
    public var headers: [(name: String, value: String)]
    public var body: Data?
    /// For everything: name, connection, TLS, request and the whole answer.
    public var timeout: Duration
    public var basicAuth: BasicAuth?
    /// Whom this request may reach, where that is not what the client may.
    public var addresses: AddressGuard?
    /// How long the answer may stand still; nil for as long as `timeout` lets it.
    public var stallTimeout: Duration?
    /// Whether the answer may come compressed; it is unpacked then.
    public var acceptsCompressed = false

    public init(
        _ method: Method = .get, _ url: String, headers: [(name: String, value: String)] = [],
        body: Data? = nil, timeout: Duration = .seconds(15), basicAuth: BasicAuth? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.basicAuth = basicAuth
    }
}
