import Foundation
import Outbound
import Testing

@Suite("A webhook's signature")
struct WebhookSignatureTests {
    private static let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    private static let body = Data(#"{"test": 2432232314}"#.utf8)
    private static let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    private static let time = Date(timeIntervalSince1970: 1_614_265_330.7)
    private static let signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

    private func headers(
        id: String = Self.id, secrets: [String] = [Self.secret]
    ) throws -> [String: String] {
        let secrets = try secrets.map { try #require(WebhookSecret($0)) }
        let list = try WebhookSignature.headers(
            id: id, at: Self.time, body: Self.body, secrets: secrets)
        return Dictionary(uniqueKeysWithValues: list.map { ($0.name, $0.value) })
    }

    @Test("is the one that every receiver of Standard Webhooks computes")
    func vector() throws {
        #expect(
            try headers() == [
                "webhook-id": Self.id, "webhook-timestamp": "1614265330",
                "webhook-signature": Self.signature,
            ])
    }

    @Test("carries one for each secret while one is being replaced")
    func rotation() throws {
        let new = WebhookSecret()
        let value = try #require(
            try headers(secrets: [new.text, Self.secret])["webhook-signature"])
        let parts = value.split(separator: " ")
        #expect(parts.count == 2)
        #expect(parts.last.map(String.init) == Self.signature)
        for secret in [new, try #require(WebhookSecret(Self.secret))] {
            #expect(
                WebhookSignature.verify(
                    id: Self.id, timestamp: "1614265330", signature: value, body: Self.body,
                    secret: secret, now: Self.time))
        }
    }

    @Test("refuses an id that could be read as another message's", arguments: ["", "a.b", "."])
    func dots(id: String) {
        #expect(throws: OutboundError.self) { try headers(id: id) }
    }

    @Test(
        "is not taken for another body, id, time or scheme",
        arguments: [
            (Self.id, "1614265330", Self.signature, 0, true),
            (Self.id, "1614265330", "v1a,xxxx \(Self.signature)", 299, true),
            ("msg_other", "1614265330", Self.signature, 0, false),
            (Self.id, "1614265331", Self.signature, 0, false),
            (
                Self.id, "1614265330", Self.signature.replacingOccurrences(of: "g0", with: "g1"), 0,
                false
            ),
            (Self.id, "1614265330", "v2" + Self.signature.dropFirst(2), 0, false),
            (Self.id, "1614265330", "", 0, false), (Self.id, "soon", Self.signature, 0, false),
            (Self.id, "1614265330", Self.signature, 301, false),
            (Self.id, "1614265330", Self.signature, -302, false),
        ])
    func verification(
        id: String, timestamp: String, signature: String, age: Int, isGenuine: Bool
    ) throws {
        let secret = try #require(WebhookSecret(Self.secret))
        let verdict = WebhookSignature.verify(
            id: id, timestamp: timestamp, signature: signature, body: Self.body, secret: secret,
            now: Self.time.addingTimeInterval(Double(age)))
        #expect(verdict == isGenuine)
    }
}

@Suite("A webhook's secret")
struct WebhookSecretTests {
    @Test("is read back from its text, and does not show itself")
    func text() throws {
        let secret = WebhookSecret()
        #expect(secret.text.hasPrefix("whsec_"))
        #expect(WebhookSecret(secret.text)?.text == secret.text)
        #expect(WebhookSecret().text != secret.text)
        #expect("\(secret)" == "whsec_…")
    }

    @Test(
        "is refused when it is too short, too long or something else",
        arguments: [
            "", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ=", "whsec_%%%",
            "whsk_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "whsec_" + Data(repeating: 1, count: 65).base64EncodedString(),
        ])
    func refused(text: String) {
        #expect(WebhookSecret(text) == nil)
    }
}
