import Events
import Foundation
import Testing
import Warehouse

@testable import notifier

@Suite("What a webhook is told in")
struct WebhookPayloadTests {
    private func payload(
        _ adapter: WebhookAdapter, secrets: [String: String] = [:]
    ) throws -> WebhookPayload {
        let alert = Alert(
            id: "a", kind: .raised, key: "k", topic: "check_failed", severity: .critical,
            pipeline: "shop", dataset: "orders", batch: nil,
            title: "shop.orders: <!here> \"x\" & [y](z)",
            detail: "line one\nline \\ two", command: "millrace show B1",
            time: Date(timeIntervalSince1970: 0))
        let delivery = Delivery(
            id: "msg_1", subscription: "S1", target: .unusable(""), alert: alert, attempts: 1,
            tries: 0, gap: .zero)
        let webhook = Delivery.Webhook(url: "", secrets: [], allowed: [], adapter: adapter)
        return try WebhookPayload(delivery, webhook) { secrets[$0] }
    }

    private func text(_ payload: WebhookPayload) -> String {
        String(decoding: payload.body, as: UTF8.self)
    }

    @Test("is what Slack takes, with nothing that Slack would read as a call")
    func slack() throws {
        let payload = try payload(.slack)
        let message = try JSONDecoder().decode([String: String].self, from: payload.body)
        #expect(payload.contentType == "application/json")
        #expect(message.keys.sorted() == ["text"])
        let lines = try #require(message["text"]).split(separator: "\n")
        #expect(lines.first == "*critical* shop.orders: &lt;!here&gt; \"x\" &amp; [y](z)")
        #expect(lines.contains("```millrace show B1```"))
    }

    @Test("is an adaptive card for Teams, in which no word becomes a link")
    func teams() throws {
        struct Message: Decodable {
            struct Attachment: Decodable { let contentType: String; let content: Card }
            struct Card: Decodable { let type: String; let version: String; let body: [Block] }
            struct Block: Decodable { let type: String; let text: String }
            let type: String
            let attachments: [Attachment]
        }
        let message = try JSONDecoder().decode(Message.self, from: payload(.teams).body)
        #expect(message.type == "message")
        let card = try #require(message.attachments.first)
        #expect(card.contentType == "application/vnd.microsoft.card.adaptive")
        #expect(card.content.type == "AdaptiveCard")
        #expect(
            card.content.body.first?.text == "critical: shop.orders: <!here> \"x\" & \\[y\\]\\(z\\)"
        )
    }

    @Test("is plain text where that is wanted")
    func plain() throws {
        let payload = try payload(.text)
        #expect(payload.contentType == "text/plain; charset=utf-8")
        #expect(
            text(payload).hasPrefix(
                "shop.orders: <!here> \"x\" & [y](z)\n\nline one\nline \\ two\n"))
    }

    @Test("is a gateway's own form, with values escaped for JSON")
    func json() throws {
        let template = try WebhookTemplate(
            json: #"""
                {"contentType": "application/json", "headers": {"Authorization": "Bearer {{secret:SMS}}"},
                "body": "{\"to\": \"+15550100\", \"text\": \"{{ text }}\", \"more\": \"{{detail}}\"}"}
                """#)
        let payload = try payload(.template(template), secrets: ["SMS": "s3cret"])
        let body = try JSONDecoder().decode([String: String].self, from: payload.body)
        #expect(body["to"] == "+15550100")
        #expect(body["text"] == "[millrace] critical shop.orders: <!here> \"x\" & [y](z)")
        #expect(body["more"] == "line one\nline \\ two")
        #expect(payload.headers == ["Authorization": "Bearer s3cret"])
    }

    @Test("is a gateway's own form, with values escaped for a form")
    func form() throws {
        let template = try WebhookTemplate(
            json:
                #"{"contentType": "application/x-www-form-urlencoded", "body": "To=%2B1&Body={{title}}&x={{detail}}"}"#
        )
        #expect(
            text(try payload(.template(template)))
                == "To=%2B1&Body=shop.orders%3A%20%3C%21here%3E%20%22x%22%20%26%20%5By%5D%28z%29"
                + "&x=line%20one%0Aline%20%5C%20two")
    }

    @Test("names the secret that is not there, and not one that is")
    func missing() throws {
        let template = try WebhookTemplate(
            json:
                #"{"contentType": "text/plain", "headers": {"X-Key": "{{secret:A}}{{secret:B}}"}, "body": "x"}"#
        )
        let error = #expect(throws: HandlingError.self) {
            try payload(.template(template), secrets: ["A": "s3cret"])
        }
        #expect(error?.description.contains("MILLRACE_WEBHOOK_SECRET_B") == true)
        #expect(error?.description.contains("s3cret") == false)
    }

    @Test(
        "is refused as a template with the mistake",
        arguments: [
            (
                #"{"contentType": "application/json", "body": "{\"a\": \"{{tittle}}\"}"}"#,
                "did you mean `title`?"
            ),
            (
                #"{"contentType": "application/json", "body": "{\"a\": {{title}}}"}"#,
                "not JSON when its places"
            ),
            (#"{"contentType": "application/json", "body": "{"}"#, "not JSON"),
            (#"{"contentType": "text/html", "body": "x"}"#, "contentType is one of"),
            (#"{"contentType": "text/plain"}"#, "write {"),
            (#"{"contentType": "text/plain", "body": "x", "url": "y"}"#, "unknown key `url`"),
            (
                #"{"contentType": "text/plain", "body": "{{secret:A}}"}"#,
                "secrets stand in headers only"
            ),
            (
                #"{"contentType": "text/plain", "body": "x", "headers": {"Host": "y"}}"#,
                "`Host` cannot be set"
            ),
            (
                #"{"contentType": "text/plain", "body": "x", "headers": {"A": "b\r\nC: d"}}"#,
                "`A` cannot be set"
            ),
            (
                #"{"contentType": "text/plain", "body": "x", "headers": {"A:": "b"}}"#,
                "cannot be set"
            ),
            (
                #"{"contentType": "text/plain", "body": "x", "headers": {"A": "{{title}}"}}"#,
                "write {{secret:NAME}}"
            ),
            (
                #"{"contentType": "text/plain", "body": "x", "headers": {"A": "{{secret:a b}}"}}"#,
                "write {{secret:NAME}}"
            ),
            ("no", "write {"),
        ])
    func refused(json: String, words: String) {
        let error = #expect(throws: HandlingError.self) { try WebhookTemplate(json: json) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    @Test("is stored as it is read")
    func stored() throws {
        let template = try WebhookTemplate(
            json:
                #"{"contentType": "text/plain", "headers": {"X-A": "b"}, "body": "{{title}} {{x"}"#)
        #expect(try WebhookTemplate(json: template.json) == template)
        #expect(template.render([.title: "t"]) == "t {{x")
    }
}
