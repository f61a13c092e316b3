import Events
import Foundation
import Outbound
import Pipelines

/// The tokens of OAuth 2.0 that are in use, each fetched once and again before it expires.
actor AccessTokens {
    private struct Token {
        let text: String
        /// From when on another is to be fetched; nil for never.
        let end: ContinuousClock.Instant?
    }

    /// What a token's server answers (RFC 6749, 5.1).
    private struct Answer: Decodable {
        let text: String
        let seconds: Double?

        private enum CodingKeys: String, CodingKey {
            case text = "access_token"
            case seconds = "expires_in"
        }

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            text = try values.decode(String.self, forKey: .text)
            // Some write the number as a text.
            if let word = try? values.decode(String.self, forKey: .seconds) {
                seconds = Double(word)
            } else {
                seconds = try values.decodeIfPresent(Double.self, forKey: .seconds)
            }
        }
    }

    private let client: HTTPClient
    private var tokens: [HTTPOAuth2: Token] = [:]
    private var underWay: Set<HTTPOAuth2> = []

    init(client: HTTPClient) {
        self.client = client
    }

    /// A token that is good for a moment at least.
    func token(for own: HTTPOAuth2, secret: String) async throws -> String {
        while underWay.contains(own) { try await Task.sleep(for: .milliseconds(20)) }
        if let token = tokens[own], token.end.map({ $0 > .now }) ?? true { return token.text }
        underWay.insert(own)
        defer { underWay.remove(own) }
        let token = try await fetch(own, secret)
        tokens[own] = token
        return token.text
    }

    func forget(_ own: HTTPOAuth2) { tokens[own] = nil }

    private func fetch(_ own: HTTPOAuth2, _ secret: String) async throws -> Token {
        let begin = ContinuousClock.now
        let answer = try await client.send(Self.request(own, secret))
        guard answer.isSuccess else {
            let isBusy = answer.status == 429 || answer.status >= 500
            throw PollFailure(
                isBusy ? .transient : .permanent, "http.no_token",
                "the token's server answers \(answer.status)", retryAfter: answer.retryAfter())
        }
        do {
            let read = try JSONDecoder().decode(Answer.self, from: answer.body)
            // A tenth before its end, a minute at most: requests take their time.
            let good = read.seconds.map { max(0, $0 - min(60, $0 / 10)) }
            return Token(
                text: read.text, end: good.map { begin + .seconds(min($0, 86_400 * 365)) })
        } catch is DecodingError {
            throw PollFailure(
                .permanent, "http.no_token", "the token's server answers without an access_token")
        }
    }

    private static func request(_ own: HTTPOAuth2, _ secret: String) -> HTTPRequest {
        var form = [("grant_type", "client_credentials")]
        if let scope = own.scope { form.append(("scope", scope)) }
        if own.clientAuth == .body {
            form += [("client_id", own.clientID), ("client_secret", secret)]
        }
        let body = form.map { "\($0)=\(PercentText.encoded($1))" }.joined(separator: "&")
        var request = HTTPRequest(
            .post, own.tokenURL,
            headers: [
                ("Content-Type", "application/x-www-form-urlencoded"),
                ("Accept", "application/json"),
            ],
            body: Data(body.utf8), timeout: .seconds(30))
        if own.clientAuth == .basic {
            // Both are encoded as in a form first (2.3.1).
            request.basicAuth = HTTPRequest.BasicAuth(
                user: PercentText.encoded(own.clientID), password: PercentText.encoded(secret))
        }
        return request
    }
}
