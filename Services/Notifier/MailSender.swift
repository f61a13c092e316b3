import Foundation
import Outbound

/// Tells a subscriber by mail.
struct MailSender: Sendable {
    let client: MailClient
    let sender: MailAddress
    /// The link by which the receiver leaves a subscription; nil where there are no pages.
    var unsubscribe: @Sendable (_ subscription: String) -> String? = { _ in nil }

    /// Sends one attempt and says how it ended.
    func send(_ delivery: Delivery, to recipient: MailAddress) async throws -> AttemptEnd {
        let alert = delivery.alert
        let domain = sender.mailbox.drop { $0 != "@" }
        // RFC 3834: no holiday notes in answer.
        var headers = [("Auto-Submitted", "auto-generated")]
        var body = MailText.body(of: alert, subscription: delivery.subscription)
        if let link = unsubscribe(delivery.subscription) {
            headers += [
                ("List-Unsubscribe", "<\(link)>"),
                ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
            ]
            body += "\nTo get no more of these: \(link)"
        }
        let message = MailMessage(
            from: sender, to: recipient, subject: MailText.subject(of: alert),
            body: body, messageID: delivery.id + domain, date: Date(), headers: headers)
        do {
            try await client.send(message)
            return AttemptEnd(.sent(code: 250))
        } catch let error as OutboundError {
            return AttemptEnd(error.outcome)
        }
    }
}

/// The words of a mail about an alert.
enum MailText {
    /// One line: `[millrace] warning goodreads.reviews: …`
    static func subject(of alert: Alert) -> String {
        let title = alert.headline.unicodeScalars.map { scalar in
            scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? " " : Character(scalar)
        }
        let words = String(title).split(separator: " ").joined(separator: " ")
        return "[millrace] \(alert.word) \(words.prefix(200))"
    }

    /// What happened, in a few lines, and what to type.
    static func body(of alert: Alert, subscription: String) -> String {
        var parts = [alert.title]
        if !alert.detail.isEmpty { parts.append(alert.detail) }
        if let command = alert.command { parts.append("What to type next:\n    \(command)") }
        if let lines = alert.notice?.lines, !lines.isEmpty {
            parts.append(lines.joined(separator: "\n"))
        }
        if let owner = alert.owner { parts.append("Owner: \(owner)") }
        let batch = alert.batch.map { ", run \($0)" } ?? ""
        let time = alert.time.formatted(.iso8601)
        parts.append(
            "\(time), topic \(alert.topic)\(batch)\nYou get this by subscription \(subscription).")
        return parts.joined(separator: "\n\n")
    }
}
