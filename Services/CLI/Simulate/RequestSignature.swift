import COpenSSL
import Foundation
import HTTPServer

/// The check of a request's signature, as a server does it: OAuth 1.0, RFC 5849, HMAC-SHA1.
struct RequestSignature: Sendable {
    /// Who may sign. A client without a user has no token.
    struct Credentials: Sendable {
        var key: String
        var secret: String
        var token = ""
        var tokenSecret = ""
    }

    let credentials: Credentials

    /// Why a request is not taken; nil when its signature is right.
    ///
    /// - Parameters:
    ///   - base: Scheme, host and port as the client has them.
    ///   - now: Seconds since 1970.
    func refusal(of request: HTTPServerRequest, base: String, now: Int) -> String? {
        let parameters = Self.parameters(of: request)
        guard parameters["oauth_signature_method"] == "HMAC-SHA1" else {
            return "the signature method is not HMAC-SHA1"
        }
        guard ["", "1.0"].contains(parameters["oauth_version", default: ""]) else {
            return "the version is not 1.0"
        }
        guard parameters["oauth_consumer_key"] == credentials.key,
            parameters["oauth_token", default: ""] == credentials.token
        else { return "the consumer key or token is unknown" }
        guard let time = parameters["oauth_timestamp"].flatMap({ Int($0) }),
            abs(time - now) <= Self.toleranceSeconds
        else { return "the time stamp is missing, or too far away" }
        guard parameters["oauth_nonce"]?.isEmpty == false else { return "the nonce is missing" }
        let expected = Array(signature(request.method, base + request.path, parameters).utf8)
        let given = Array(parameters["oauth_signature", default: ""].utf8)
        let isRight =
            given.count == expected.count && CRYPTO_memcmp(given, expected, expected.count) == 0
        return isRight ? nil : "the signature is wrong"
    }

    /// How far the two clocks may be apart; so long a nonce must not come twice.
    static let toleranceSeconds = 300

    /// The signature of a request with these parameters, in base64 (sections 3.4.1 and 3.4.2).
    func signature(_ method: String, _ url: String, _ parameters: [String: String]) -> String {
        let pairs = parameters.filter { $0.key != "oauth_signature" && $0.key != "realm" }
            .map { (Self.encoded($0), Self.encoded($1)) }.sorted { $0 < $1 }
        let normal = pairs.map { "\($0)=\($1)" }.joined(separator: "&")
        let text = [method.uppercased(), url, normal].map(Self.encoded).joined(separator: "&")
        let key = Self.encoded(credentials.secret) + "&" + Self.encoded(credentials.tokenSecret)
        return Self.code(of: Array(text.utf8), under: Array(key.utf8)).base64EncodedString()
    }

    /// Those of the query and, where there is one, of the header `Authorization`.
    static func parameters(of request: HTTPServerRequest) -> [String: String] {
        var parameters = request.query
        guard let header = request.headers["authorization"],
            header.lowercased().hasPrefix("oauth ")
        else { return parameters }
        for part in header.dropFirst("oauth ".count).split(separator: ",") {
            let sides = part.split(separator: "=", maxSplits: 1).map {
                $0.trimmingCharacters(in: CharacterSet(charactersIn: " \""))
            }
            guard sides.count == 2 else { continue }
            parameters[sides[0]] = sides[1].removingPercentEncoding ?? sides[1]
        }
        return parameters
    }

    /// Section 3.6: everything but letters, digits and `-._~`.
    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            return scalar.isUnreserved ? String(scalar) : "%" + (byte < 16 ? "0" : "") + hex(byte)
        }.joined()
    }

    private static func hex(_ byte: UInt8) -> String { String(byte, radix: 16, uppercase: true) }

    private static func code(of text: [UInt8], under key: [UInt8]) -> Data {
        var digest = [UInt8](repeating: 0, count: 20)
        let result = HMAC(EVP_sha1(), key, Int32(key.count), text, text.count, &digest, nil)
        precondition(result != nil, "HMAC-SHA1 is not available")
        return Data(digest)
    }
}

extension Unicode.Scalar {
    fileprivate var isUnreserved: Bool {
        isASCII && (properties.isAlphabetic || properties.numericType != nil)
            || ["-", ".", "_", "~"].contains(self)
    }
}
