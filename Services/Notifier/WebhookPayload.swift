import Events
import Foundation
import Warehouse

/// What a webhook is told in, by what its other side understands. It follows from the alert and the
/// subscription alone, so that every attempt sends the same.
struct WebhookPayload: Sendable, Equatable {
    var contentType: String
    var body: Data
    /// Beside the signature's.
    var headers: [String: String] = [:]

    /// - Parameter secret: What a template's header refers to; nil for what is not there.
    /// - Throws: A permanent `HandlingError` for a template that names a secret which is not there.
    init(
        _ delivery: Delivery, _ webhook: Delivery.Webhook, secret: (String) -> String?
    ) throws {
        let alert = delivery.alert
        let parts = MailText.parts(of: alert, subscription: delivery.subscription)
        switch webhook.adapter {
        case .none:
            contentType = "application/json"
            body = try WebhookBody(alert).encoded(webhook.form)
        case .text:
            contentType = "text/plain; charset=utf-8"
            body = Data(MailText.body(of: alert, subscription: delivery.subscription).utf8)
        case .slack:
            contentType = "application/json"
            body = try EventJSON.encode(SlackMessage(parts, word: alert.word))
        case .teams:
            contentType = "application/json"
            body = try EventJSON.encode(TeamsMessage(parts, word: alert.word))
        case .template(let template):
            contentType = template.contentType.rawValue
            body = Data(template.render(Self.values(alert)).utf8)
            headers = try template.headers(secret: secret)
        }
    }

    private static func values(_ alert: Alert) -> [WebhookTemplate.Name: String] {
        [
            .id: alert.id, .text: String(MailText.subject(of: alert).prefix(160)),
            .title: alert.title, .detail: alert.detail, .severity: alert.word,
            .topic: alert.topic, .pipeline: alert.pipeline, .dataset: alert.dataset,
            .command: alert.command ?? "", .time: EventJSON.text(of: alert.time),
        ]
    }
}

/// A message for a Slack incoming webhook (mrkdwn).
private struct SlackMessage: Encodable {
    let text: String

    init(_ parts: [MailText.Part], word: String) {
        let all = parts.enumerated().map { index, part in
            switch part {
            case .text(let text) where index == 0: "*\(word)* \(Self.escaped(text))"
            case .text(let text): Self.escaped(text)
            case .command(let text): "```\(Self.escaped(text))```"
            case .origin(let text): "_\(Self.escaped(text).split(separator: "\n")[0])_"
            }
        }
        text = String(all.joined(separator: "\n").prefix(3000))
    }

    /// Slack's own rule: these three and no others.
    private static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;")
            .replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: ">", with: "&gt;")
    }
}

/// An adaptive card for a webhook of Microsoft Teams' workflows.
private struct TeamsMessage: Encodable {
    struct Attachment: Encodable {
        let contentType = "application/vnd.microsoft.card.adaptive"
        let content: Card
    }

    struct Card: Encodable {
        private enum CodingKeys: String, CodingKey {
            case schema = "$schema"
            case type, version, body
        }
        let schema = "http://adaptivecards.io/schemas/adaptive-card.json"
        let type = "AdaptiveCard"
        let version = "1.4"
        let body: [Block]
    }

    struct Block: Encodable {
        let type = "TextBlock"
        let text: String
        let wrap = true
        var weight: String?
        var fontType: String?
        var isSubtle: Bool?
    }

    let type = "message"
    let attachments: [Attachment]

    init(_ parts: [MailText.Part], word: String) {
        let blocks = parts.enumerated().map { index, part in
            switch part {
            case .text(let text) where index == 0:
                Block(text: Self.escaped("\(word): \(text)"), weight: "Bolder")
            case .text(let text): Block(text: Self.escaped(text))
            case .command(let text): Block(text: Self.escaped(text), fontType: "Monospace")
            case .origin(let text): Block(text: Self.escaped(text), isSubtle: true)
            }
        }
        attachments = [Attachment(content: Card(body: blocks))]
    }

    /// Text blocks read a part of Markdown: no word of an alert may become a link.
    private static func escaped(_ text: String) -> String {
        text.prefix(3000).reduce(into: "") { out, character in
            if "\\`*_[]()#".contains(character) { out += "\\" }
            out.append(character)
        }
    }
}
