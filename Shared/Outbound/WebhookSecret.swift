import COpenSSL
import Foundation

/// The key that the webhooks of one subscription are signed with (Standard Webhooks 1.0: `whsec_`
/// and the base64 of 24 to 64 bytes). It does not show itself in logs.
public struct WebhookSecret: Sendable, CustomStringConvertible {
    private static let prefix = "whsec_"

    private let key: [UInt8]

    /// A new random one, 32 bytes.
    public init() {
        var key = [UInt8](repeating: 0, count: 32)
        precondition(RAND_bytes(&key, Int32(key.count)) == 1, "no random bytes")
        self.key = key
    }

    /// Reads `text` back; nil when it is not a secret.
    public init?(_ text: String) {
        guard text.hasPrefix(Self.prefix),
            let key = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
            (24...64).contains(key.count)
        else { return nil }
        self.key = Array(key)
    }

    /// The secret itself, for the subscriber and for storing it.
    public var text: String { Self.prefix + Data(key).base64EncodedString() }

    public var description: String { Self.prefix + "…" }

    /// The HMAC-SHA256 of `message` as base64.
    func sign(_ message: Data) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        let bytes = Array(message)
        let result = HMAC(
            EVP_sha256(), key, Int32(key.count), bytes, bytes.count, &digest, nil)
        precondition(result != nil, "HMAC-SHA256 is not available")
        return Data(digest).base64EncodedString()
    }
}
