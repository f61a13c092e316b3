import COpenSSL
public import Foundation

/// The three headers by which the receiver of a webhook knows that it is ours, whole and fresh
/// (Standard Webhooks 1.0, scheme `v1`).
public enum WebhookSignature {
    /// The headers of one attempt.
    ///
    /// - Parameters:
    ///   - id: The same on every attempt at the same message; must not contain a dot.
    ///   - time: Of this attempt.
    ///   - body: The very bytes that are sent.
    ///   - secrets: More than one while a secret is being replaced.
    /// - Throws: `OutboundError` (invalid) for an id that could be taken for another message's.
    public static func headers(
        id: String, at time: Date, body: Data, secrets: [WebhookSecret]
    ) throws(OutboundError) -> [(name: String, value: String)] {
        guard !id.isEmpty, !id.contains(".") else {
            throw OutboundError(.invalid, "webhook", "the id `\(id)` is empty or holds a dot")
        }
        let timestamp = String(Int(time.timeIntervalSince1970))
        let message = signedBytes(id, timestamp, body)
        return [
            ("webhook-id", id), ("webhook-timestamp", timestamp),
            ("webhook-signature", secrets.map { "v1,\($0.sign(message))" }.joined(separator: " ")),
        ]
    }

    /// The receiver's side: true when one of the signatures is `secret`'s and the attempt is not
    /// older or newer than `tolerance`.
    public static func verify(
        id: String, timestamp: String, signature: String, body: Data, secret: WebhookSecret,
        tolerance: Duration = .seconds(300), now: Date = Date()
    ) -> Bool {
        guard let seconds = Int(timestamp),
            abs(now.timeIntervalSince1970 - Double(seconds)) <= tolerance / .seconds(1)
        else { return false }
        let expected = Array("v1,\(secret.sign(signedBytes(id, timestamp, body)))".utf8)
        return signature.split(separator: " ").contains { given in
            let given = Array(given.utf8)
            // A plain comparison would tell by its time how much of a guess was right.
            return given.count == expected.count
                && CRYPTO_memcmp(given, expected, expected.count) == 0
        }
    }

    private static func signedBytes(_ id: String, _ timestamp: String, _ body: Data) -> Data {
        Data("\(id).\(timestamp).".utf8) + body
    }
}
