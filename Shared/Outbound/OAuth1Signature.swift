import COpenSSL
public import Foundation

/// Says who sends a request (RFC 5849, HMAC-SHA1).
public struct OAuth1Signature: Sendable {
    private let consumerKey: String
    private let consumerSecret: String
    private let token: String?
    private let tokenSecret: String

    /// - Parameter token: Nil where nobody has given the consumer one.
    public init(
        consumerKey: String, consumerSecret: String, token: String? = nil, tokenSecret: String = ""
    ) {
        self.consumerKey = consumerKey
        self.consumerSecret = consumerSecret
        self.token = token
        self.tokenSecret = tokenSecret
    }

    /// The header `Authorization` of a request without a form in its body.
    ///
    /// - Parameter nonce: Another one for each request.
    public func header(
        _ method: HTTPRequest.Method, _ url: String, at time: Date = Date(),
        nonce: String = OAuth1Signature.nonce()
    ) throws(OutboundError) -> String {
        var fields = [
            ("oauth_consumer_key", consumerKey), ("oauth_nonce", nonce),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", String(Int(time.timeIntervalSince1970))),
        ]
        if let token { fields.append(("oauth_token", token)) }
        let base = try Self.base(method.rawValue, url, fields)
        fields.append(("oauth_signature", sign(base)))
        return "OAuth "
            + fields.map { "\($0)=\"\(PercentText.encoded($1))\"" }.joined(separator: ", ")
    }

    /// Letters and digits, not over 30: what servers are known to insist on.
    public static func nonce() -> String {
        String(UUID().uuidString.filter { $0 != "-" }.prefix(28))
    }

    /// What is signed (3.4.1).
    ///
    /// - Parameter fields: Those of the header, and of a form in the body.
    static func base(
        _ method: String, _ url: String, _ fields: [(String, String)]
    ) throws(OutboundError) -> String {
        let address = try WebAddress(url)
        let parts = URLComponents(string: url)
        let query = (parts?.percentEncodedQuery ?? "").split(separator: "&").map { pair in
            let pair = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (decoded(pair[0]), pair.count > 1 ? decoded(pair[1]) : "")
        }
        let path = parts.map(\.percentEncodedPath) ?? ""
        let parameters = (query + fields)
            .map { (PercentText.encoded($0), PercentText.encoded($1)) }
            .sorted { $0 < $1 }
            .map { "\($0)=\($1)" }.joined(separator: "&")
        return [method, address.plainOrigin + (path.isEmpty ? "/" : path), parameters]
            .map(PercentText.encoded).joined(separator: "&")
    }

    private static func decoded(_ text: Substring) -> String {
        text.replacing("+", with: " ").removingPercentEncoding ?? String(text)
    }

    private func sign(_ base: String) -> String {
        let key = Array(
            "\(PercentText.encoded(consumerSecret))&\(PercentText.encoded(tokenSecret))".utf8)
        var digest = [UInt8](repeating: 0, count: 20)
        let bytes = Array(base.utf8)
        let result = HMAC(EVP_sha1(), key, Int32(key.count), bytes, bytes.count, &digest, nil)
        precondition(result != nil, "HMAC-SHA1 is not available")
        return Data(digest).base64EncodedString()
    }
}

/// Text as it stands in a URL.
public enum PercentText {
    /// Everything but RFC 3986's unreserved characters is encoded: `+` and `&` are data here.
    public static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || "-._~".utf8.contains(byte)
            if isPlain { return String(UnicodeScalar(byte)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%" + (digits.count == 1 ? "0" : "") + digits
        }.joined()
    }
}
