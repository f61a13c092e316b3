/// How an API is told who asks. It goes to the origin of the source's own URL alone.
public enum HTTPAuth: Codable, Sendable, Equatable {
    /// `Authorization: Bearer …`.
    case bearer(SecretReference)
    case basic(user: String, password: SecretReference)
    case keyInHeader(name: String, SecretReference)
    case keyInQuery(name: String, SecretReference)
    case oauth2(HTTPOAuth2)
    case oauth1(HTTPOAuth1)
}

/// OAuth 2.0's client credentials (RFC 6749, 4.4).
public struct HTTPOAuth2: Codable, Sendable, Hashable {
    /// How the client says to the token's server who it is.
    public enum ClientAuth: String, Codable, Sendable, CaseIterable { case basic, body }

    /// Where tokens are to be had.
    public var tokenURL: String
    public var clientID: String
    public var clientSecret: SecretReference
    public var scope: String?
    public var clientAuth: ClientAuth

    public init(
        tokenURL: String, clientID: String, clientSecret: SecretReference, scope: String? = nil,
        clientAuth: ClientAuth = .basic
    ) {
        self.tokenURL = tokenURL
        self.clientID = clientID
        self.clientSecret = clientSecret
        self.scope = scope
        self.clientAuth = clientAuth
    }
}

/// OAuth 1.0a's signed requests (RFC 5849), with HMAC-SHA1.
public struct HTTPOAuth1: Codable, Sendable, Equatable {
    public var consumerKey: String
    public var consumerSecret: SecretReference
    /// Nil where the consumer asks for itself.
    public var token: SecretReference?
    public var tokenSecret: SecretReference?

    public init(
        consumerKey: String, consumerSecret: SecretReference, token: SecretReference? = nil,
        tokenSecret: SecretReference? = nil
    ) {
        self.consumerKey = consumerKey
        self.consumerSecret = consumerSecret
        self.token = token
        self.tokenSecret = tokenSecret
    }
}

/// A secret that the ingest is given as the setting `MILLRACE_SECRET_<NAME>`. The pipeline has only
/// its name, `${secret:name}`.
public struct SecretReference: Codable, Sendable, Hashable {
    /// Lower-case letters, digits and `_`.
    public var name: String

    public init(_ name: String) {
        self.name = name
    }
}
