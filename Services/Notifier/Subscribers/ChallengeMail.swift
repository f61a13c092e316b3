import Events
import Foundation
import Outbound
import Warehouse

/// Asks a mailbox's owner whether they want alerts.
struct ChallengeMail: Sendable {
    let client: MailClient
    let sender: MailAddress
    let links: SubscriptionLinks

    func send(_ challenge: Challenge) async throws -> DeliveryOutcome {
        guard let recipient = MailAddress(challenge.subscription.target) else {
            return .refused(reason: "the subscription has no usable address", code: nil)
        }
        let id = SHA256.hex(of: Data(challenge.token.utf8)).prefix(32)
        let message = MailMessage(
            from: sender, to: recipient,
            subject: "[millrace] please confirm: alerts about \(challenge.subscription.wish)",
            body: body(of: challenge),
            messageID: "cnf_\(id)" + sender.mailbox.drop { $0 != "@" }, date: Date(),
            // RFC 3834: no holiday notes in answer.
            headers: [("Auto-Submitted", "auto-generated")])
        do {
            try await client.send(message)
            return .sent(code: 250)
        } catch let error as OutboundError {
            return error.outcome
        }
    }

    private func body(of challenge: Challenge) -> String {
        let subscription = challenge.subscription
        let days = Subscriptions.confirmationDays
        let way =
            links.confirm(token: challenge.token).map {
                "To confirm, open this page within \(days) days and press its button:\n\n    \($0)"
            }
            ?? "To confirm, within \(days) days, give this to whoever runs Millrace:\n\n"
            + "    millrace subscriptions confirm \(subscription.id) --token \(challenge.token)"
        return """
            Somebody wishes that Millrace sends alerts about \(subscription.wish) to
            \(subscription.target).

            \(way)

            If you did not expect this, do nothing: nothing else is sent to you.
            """
    }
}

extension Subscription {
    /// What its owner wants to know, e.g. `check_* of goodreads`.
    var wish: String {
        let topics = topic == "*" ? "everything" : topic.replacing(",", with: ", ")
        return topics + (pipeline.map { " of \($0)" } ?? "")
    }
}
