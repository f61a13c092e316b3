import COpenSSL
import Foundation

/// The key that signs the links in mails, so that a link cannot be made up. It does not show itself
/// in logs.
public struct LinkKey: Sendable, CustomStringConvertible {
    private let key: [UInt8]

    /// - Parameter text: At least 128 bits that nobody can guess, in any form.
    public init(_ text: String) {
        precondition(text.utf8.count >= 32, "the key is too short")
        key = Array(text.utf8)
    }

    public var description: String { "…" }

    /// The HMAC-SHA256 of `text`, in letters that a URL may hold.
    public func sign(_ text: String) -> String {
        var digest = [UInt8](repeating: 0, count: 32)
        let bytes = Array(text.utf8)
        let result = HMAC(
            EVP_sha256(), key, Int32(key.count), bytes, bytes.count, &digest, nil)
        precondition(result != nil, "HMAC-SHA256 is not available")
        return Data(digest).base64URL
    }

    /// True when `signature` is that of `text`.
    public func verifies(_ signature: String, of text: String) -> Bool {
        let expected = Array(sign(text).utf8)
        let given = Array(signature.utf8)
        // A plain comparison would tell by its time how much of a guess was right.
        return given.count == expected.count
            && CRYPTO_memcmp(given, expected, expected.count) == 0
    }
}

/// A secret of 256 random bits that is handed out once.
public enum RandomToken {
    /// 43 letters that a URL may hold.
    public static func make() -> String {
        var bytes = [UInt8](repeating: 0, count: 32)
        precondition(RAND_bytes(&bytes, Int32(bytes.count)) == 1, "no random bytes")
        return Data(bytes).base64URL
    }
}

extension Data {
    /// RFC 4648, section 5, without padding.
    fileprivate var base64URL: String {
        base64EncodedString().replacingOccurrences(of: "+", with: "-")
            .replacingOccurrences(of: "/", with: "_").replacingOccurrences(of: "=", with: "")
    }
}
