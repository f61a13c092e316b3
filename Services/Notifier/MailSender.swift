import Foundation
import Outbound

/// Tells a subscriber by mail.
struct MailSender: Sendable {
    let client: MailClient
    let sender: MailAddress
    /// The link by which the receiver leaves a subscription with one request (RFC 8058); nil where
    /// there is none.
    var unsubscribe: @Sendable (_ subscription: String) -> String? = { _ in nil }

    /// Sends one attempt and says how it ended.
    func send(_ delivery: Delivery, to recipient: MailAddress) async throws -> AttemptEnd {
        do {
            try await client.send(message(delivery, to: recipient))
            return AttemptEnd(.sent(code: 250))
        } catch let error as OutboundError {
            return AttemptEnd(error.outcome)
        }
    }

    /// The same on every attempt, but for its date.
    func message(_ delivery: Delivery, to recipient: MailAddress) -> MailMessage {
        let alert = delivery.alert
        let domain = sender.mailbox.drop { $0 != "@" }
        // RFC 3834: no holiday notes in answer.
        var headers = [("Auto-Submitted", "auto-generated")]
        if let thread = delivery.thread {
            headers += [
                ("In-Reply-To", "<\(thread)\(domain)>"), ("References", "<\(thread)\(domain)>"),
            ]
        }
        let leaving = unsubscribe(delivery.subscription)
        if let leaving {
            headers += [
                ("List-Unsubscribe", "<\(leaving)>"),
                ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
            ]
        }
        return MailMessage(
            from: sender, to: recipient, subject: MailText.subject(of: alert),
            body: MailText.body(
                of: alert, subscription: delivery.subscription, leaving: leaving),
            html: MailText.html(
                of: alert, subscription: delivery.subscription, leaving: leaving),
            messageID: delivery.id + domain, date: Date(), headers: headers)
    }
}
