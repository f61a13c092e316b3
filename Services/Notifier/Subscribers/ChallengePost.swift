import Events
import Foundation
import Outbound
import Warehouse

/// Asks an endpoint whether it wants alerts, by a signed POST with a token. It says yes by
/// answering with that token, as the whole body or as `{"token": …}`; or whoever reads it opens
/// `confirm_url`.
struct ChallengePost: Sendable {
    let client: HTTPClient
    /// Private addresses that every webhook may reach.
    let allowed: [Network]
    let links: SubscriptionLinks

    func send(
        _ challenge: Challenge
    ) async throws -> (outcome: DeliveryOutcome, isAnswered: Bool) {
        guard let secret = challenge.secret else {
            return (.refused(reason: "the subscription has no usable secret", code: nil), false)
        }
        do {
            let body = try body(of: challenge)
            let id = "cnf_\(SHA256.hex(of: Data(challenge.token.utf8)).prefix(32))"
            let signature = try WebhookSignature.headers(
                id: id, at: Date(), body: body, secrets: [secret])
            var request = HTTPRequest(
                .post, challenge.subscription.target,
                headers: [("Content-Type", "application/json")] + signature, body: body)
            request.addresses = .publicOnly(except: allowed + challenge.allowed)
            let response = try await client.send(request)
            return (
                WebhookSender.outcome(of: response),
                response.isSuccess && Self.holds(challenge.token, response.body)
            )
        } catch let error as OutboundError {
            return (error.outcome, false)
        }
    }

    /// True when the answer is the token.
    static func holds(_ token: String, _ body: Data) -> Bool {
        let text = String(decoding: body, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        if text == token { return true }
        return (try? JSONDecoder().decode(Answer.self, from: body))?.token == token
    }

    private struct Answer: Decodable {
        let token: String
    }

    private func body(of challenge: Challenge) throws -> Data {
        let subscription = challenge.subscription
        return try EventJSON.encode(
            Question(
                timestamp: Date(),
                data: .init(
                    subscription: subscription.id, topic: subscription.topic,
                    pipeline: subscription.pipeline, token: challenge.token,
                    confirm_url: links.confirm(token: challenge.token))))
    }

    private struct Question: Encodable {
        struct Wish: Encodable {
            let subscription: String
            let topic: String
            let pipeline: String?
            let token: String
            let confirm_url: String?
        }

        var type = "io.millrace.subscription.confirm.v1"
        let timestamp: Date
        let data: Wish
    }
}
