import Events
import Outbound
import Pipelines

/// Tells sources who asks.
struct Credentials: Sendable {
    let secrets: PipelineSecrets
    let tokens: AccessTokens

    /// Adds to a request what says who asks; the request does not change behind that.
    func identify(_ request: inout HTTPRequest, as auth: HTTPAuth) async throws {
        switch auth {
        case .bearer(let secret):
            request.headers.append(("Authorization", "Bearer \(try secrets.value(of: secret))"))
        case .basic(let user, let password):
            request.basicAuth = HTTPRequest.BasicAuth(
                user: user, password: try secrets.value(of: password))
        case .keyInHeader(let name, let secret):
            request.headers.append((name, try secrets.value(of: secret)))
        case .keyInQuery(let name, let secret):
            let value = PercentText.encoded(try secrets.value(of: secret))
            let joint = request.url.contains("?") ? "&" : "?"
            request.url += "\(joint)\(PercentText.encoded(name))=\(value)"
        case .oauth2(let client):
            let secret = try secrets.value(of: client.clientSecret)
            let token = try await tokens.token(for: client, secret: secret)
            request.headers.append(("Authorization", "Bearer \(token)"))
        case .oauth1(let consumer):
            let signature = OAuth1Signature(
                consumerKey: consumer.consumerKey,
                consumerSecret: try secrets.value(of: consumer.consumerSecret),
                token: try consumer.token.map(secrets.value),
                tokenSecret: try consumer.tokenSecret.map(secrets.value) ?? "")
            request.headers.append(
                ("Authorization", try signature.header(request.method, request.url)))
        }
    }

    /// Has the next request carry another token.
    ///
    /// - Returns: False where who asks has none that could be another.
    func renew(_ auth: HTTPAuth?) async -> Bool {
        guard case .oauth2(let client)? = auth else { return false }
        await tokens.forget(client)
        return true
    }

    /// A text without the secrets that may stand in it.
    func redacted(_ text: String, _ auth: HTTPAuth?) -> String {
        guard let auth else { return text }
        let references: [SecretReference] =
            switch auth {
            case .bearer(let secret), .basic(_, let secret), .keyInHeader(_, let secret),
                .keyInQuery(_, let secret):
                [secret]
            case .oauth2(let client): [client.clientSecret]
            case .oauth1(let consumer):
                [consumer.consumerSecret, consumer.token, consumer.tokenSecret].compactMap(\.self)
            }
        return references.reduce(text) { text, reference in
            guard let secret = try? secrets.value(of: reference), !secret.isEmpty else {
                return text
            }
            return text.replacing(secret, with: "***")
        }
    }
}
