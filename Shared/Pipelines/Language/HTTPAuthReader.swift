import YAML

/// Reads how an HTTP API is told who asks.
struct HTTPAuthReader {
    static let key = Key("auth", .keys(keys), "How the API is told who asks")
    private static let keys: Keys = [
        Key("bearer", .secret, "A token", example: "\"${secret:shop}\""),
        Key("basic", .keys(basicKeys), "A user's name and password"),
        Key("api_key", .keys(apiKeys), "A key in a header or in the query"),
        Key("oauth2", .keys(oauth2Keys), "OAuth 2.0 with a client's own credentials"),
        Key("oauth1", .keys(oauth1Keys), "Requests signed as OAuth 1.0a says, with HMAC-SHA1"),
    ]
    private static let basicKeys: Keys = [
        Key("user", .text, "Its name", isRequired: true),
        Key("password", .secret, "Its password", isRequired: true),
    ]
    private static let apiKeys: Keys = [
        Key("header", .text, "The header that carries it", example: "X-Api-Key"),
        Key("parameter", .text, "The parameter that carries it", example: "key"),
        Key("value", .secret, "The key", isRequired: true),
    ]
    private static let oauth2Keys: Keys = [
        Key(
            "token_url", .text, "Where tokens are to be had",
            example: "https://login.example.org/token", isRequired: true),
        Key("client_id", .text, "The client's name", isRequired: true),
        Key("client_secret", .secret, "The client's secret", isRequired: true),
        Key("scope", .text, "What the token is to be good for", example: "orders.read"),
        Key(
            "client_auth", .words(of: HTTPOAuth2.ClientAuth.self),
            "How the client says who it is; basic by default"),
    ]
    private static let oauth1Keys: Keys = [
        Key("consumer_key", .text, "The consumer's name", isRequired: true),
        Key("consumer_secret", .secret, "The consumer's secret", isRequired: true),
        Key("token", .secret, "A user's token, where there is one"),
        Key("token_secret", .secret, "The token's secret"),
    ]

    let findings: Findings

    func read(_ node: YAMLNode) -> HTTPAuth? {
        let place = Word("", at: node.start)
        guard let fields = Fields(node, of: "the auth", at: place, keys: Self.keys, findings)
        else { return nil }
        let given = Self.keys.names.filter { fields[$0] != nil }
        if given.count != 1 {
            let isMisspelt = Self.keys.names.contains(where: fields.isMisspelt)
            if !given.isEmpty || !isMisspelt {
                findings.report(
                    .misplacedOption, "an auth is one of bearer, basic, api_key, oauth2 and oauth1",
                    at: place,
                    fix: "write {bearer: \"${secret:name}\"}")
            }
        }
        if let node = fields["bearer"] { return secret(node).map(HTTPAuth.bearer) }
        if let node = fields["basic"] { return basic(node) }
        if let node = fields["oauth2"] { return oauth2(node) }
        if let node = fields["oauth1"] { return oauth1(node) }
        return fields["api_key"].flatMap(apiKey)
    }

    private func oauth2(_ node: YAMLNode) -> HTTPAuth? {
        let place = Word("", at: node.start)
        guard
            let fields = Fields(
                node, of: "the OAuth 2.0", at: place, keys: Self.oauth2Keys, findings)
        else { return nil }
        let url = fields.required("token_url").flatMap {
            HTTPSourceReader(findings: findings).url($0)
        }
        let id = fields.required("client_id").flatMap { findings.text($0, "a client's name") }
        let secret = fields.required("client_secret").flatMap(secret)
        let scope = fields["scope"].flatMap { findings.text($0, "a scope") }
        let way = fields["client_auth"].flatMap {
            findings.choice($0, "way to say who the client is", of: HTTPOAuth2.ClientAuth.self)
        }
        guard let url, let id, let secret else { return nil }
        return .oauth2(
            HTTPOAuth2(
                tokenURL: url, clientID: id.text, clientSecret: secret, scope: scope?.text,
                clientAuth: way ?? .basic))
    }

    private func oauth1(_ node: YAMLNode) -> HTTPAuth? {
        let place = Word("", at: node.start)
        guard
            let fields = Fields(
                node, of: "the OAuth 1.0a", at: place, keys: Self.oauth1Keys, findings)
        else { return nil }
        let key = fields.required("consumer_key").flatMap { findings.text($0, "a consumer's name") }
        let secret = fields.required("consumer_secret").flatMap(secret)
        let token = fields["token"].flatMap(self.secret)
        let tokenSecret = fields["token_secret"].flatMap(self.secret)
        if (fields["token"] == nil) != (fields["token_secret"] == nil) {
            findings.report(
                .missingKey, "a token has its secret with it", at: place,
                suggestion: fields["token"] == nil ? "token" : "token_secret",
                fix: "write both, or none of them")
        }
        guard let key, let secret else { return nil }
        return .oauth1(
            HTTPOAuth1(
                consumerKey: key.text, consumerSecret: secret, token: token,
                tokenSecret: tokenSecret))
    }

    private func basic(_ node: YAMLNode) -> HTTPAuth? {
        let place = Word("", at: node.start)
        guard
            let fields = Fields(
                node, of: "the basic auth", at: place, keys: Self.basicKeys, findings)
        else { return nil }
        let user = fields.required("user").flatMap { findings.text($0, "a user") }
        let password = fields.required("password").flatMap(secret)
        guard let user, let password else { return nil }
        return .basic(user: user.text, password: password)
    }

    private func apiKey(_ node: YAMLNode) -> HTTPAuth? {
        let place = Word("", at: node.start)
        guard
            let fields = Fields(node, of: "the API key", at: place, keys: Self.apiKeys, findings)
        else { return nil }
        let value = fields.required("value").flatMap(secret)
        let header = fields["header"].flatMap { findings.text($0, "a header") }
        let parameter = fields["parameter"].flatMap { findings.text($0, "a parameter") }
        let isMisspelt = ["header", "parameter"].contains(where: fields.isMisspelt)
        if (fields["header"] == nil) == (fields["parameter"] == nil), !isMisspelt {
            findings.report(
                .misplacedOption, "an API key goes in a header or in a parameter", at: place,
                fix: "write header: X-Api-Key, or parameter: key")
        }
        guard let value else { return nil }
        if let header { return .keyInHeader(name: header.text, value) }
        return parameter.map { .keyInQuery(name: $0.text, value) }
    }

    private func secret(_ node: YAMLNode) -> SecretReference? {
        guard let word = findings.word(node, "a secret") else { return nil }
        if let name = SecretRule.reference(word.text) { return SecretReference(name) }
        findings.report(
            .secret, "a secret does not stand in a pipeline", at: word,
            fix: "write \"${secret:name}\", and give it to the ingest as MILLRACE_SECRET_NAME "
                + "or MILLRACE_SECRET_NAME_FILE", isSecret: true)
        return nil
    }
}
