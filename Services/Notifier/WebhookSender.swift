import Events
import Foundation
import Outbound
import Warehouse

/// Tells a subscriber by a signed POST.
struct WebhookSender: Sendable {
    let client: HTTPClient
    /// Networks inside that every webhook may reach.
    let allowed: [Network]
    /// For one attempt; Standard Webhooks wants 15 to 30 seconds.
    var timeout = Duration.seconds(15)
    /// What the headers of templates may refer to.
    var secret: @Sendable (_ name: String) -> String? = { _ in nil }

    /// Sends one attempt and says how it ended. Only 2xx counts as received.
    func send(_ delivery: Delivery, to webhook: Delivery.Webhook) async throws -> AttemptEnd {
        do {
            let payload = try WebhookPayload(delivery, webhook, secret: secret)
            let signature = try WebhookSignature.headers(
                id: delivery.id, at: Date(), body: payload.body, secrets: webhook.secrets)
            let headers = payload.headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            var request = HTTPRequest(
                .post, webhook.url,
                headers: [("Content-Type", payload.contentType)] + headers + signature,
                body: payload.body, timeout: timeout)
            request.addresses = .publicOnly(except: allowed + webhook.allowed)
            let response = try await client.send(request)
            return AttemptEnd(
                Self.outcome(of: response), answer: String(decoding: response.body, as: UTF8.self))
        } catch let error as OutboundError {
            return AttemptEnd(error.outcome)
        } catch let error as HandlingError {
            return AttemptEnd(.refused(reason: error.description, code: nil))
        }
    }

    static func outcome(of response: HTTPResponse) -> DeliveryOutcome {
        let code = response.status
        let reason = "the endpoint answered \(code)"
        switch code {
        case 200..<300:
            return .sent(code: code)
        case 410:
            return .gone(reason: reason, code: code)
        case 408, 425, 429, 500...:
            return .postponed(reason: reason, code: code, pause: response.retryAfter())
        default:
            // A redirect is not followed: who moved must subscribe anew.
            return .refused(reason: reason, code: code)
        }
    }

}

/// What a webhook carries. It follows from the alert alone, so that every attempt sends the same.
struct WebhookBody: Encodable {
    private struct Data: Encodable {
        let id: String
        let key: String
        let topic: String
        let severity: AlertSeverity
        let pipeline: String
        let dataset: String
        let batch: String?
        let title: String
        let detail: String
        let command: String?
        let owner: String?
        /// Why it is told now, and everything that is told with it.
        let reason: String?
        let count: Int
        let alerts: [Notice.Item]
    }

    private let type: String
    private let timestamp: Date
    private let data: Data

    init(_ alert: Alert) {
        let kind: EventKind = alert.kind == .raised ? .alertRaised : .alertResolved
        type = kind.cloudEventType
        timestamp = alert.time
        data = Data(
            id: alert.id, key: alert.key, topic: alert.topic, severity: alert.severity,
            pipeline: alert.pipeline, dataset: alert.dataset, batch: alert.batch,
            title: alert.title, detail: alert.detail, command: alert.command, owner: alert.owner,
            reason: alert.notice?.reason.rawValue, count: alert.notice?.count ?? 1,
            alerts: alert.notice?.items ?? [])
    }

    /// What a subscription takes of it.
    typealias Form = Subscription.Body

    func encoded(_ form: Form = .envelope) throws -> Foundation.Data {
        form == .raw ? try EventJSON.encode(data) : try EventJSON.encode(self)
    }
}

extension OutboundError {
    /// What an attempt that ended with this error means for its delivery.
    var outcome: DeliveryOutcome {
        disposition == .transient
            ? .postponed(reason: reason, code: replyCode, pause: nil)
            : .refused(reason: reason, code: replyCode)
    }
}
