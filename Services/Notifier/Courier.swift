/// Carries a delivery to its subscriber by the way that the subscription names.
struct Courier: Sendable {
    /// Nil where no mail server is set.
    let mail: MailSender?
    let webhooks: WebhookSender

    /// Makes one attempt.
    ///
    /// - Throws: `CancellationError` only; everything else is an outcome.
    func send(_ delivery: Delivery) async throws -> DeliveryOutcome {
        switch delivery.target {
        case .email(let recipient):
            guard let mail else {
                return .refused(
                    reason: "no mail server: set MILLRACE_SMTP_URL and MILLRACE_SMTP_FROM",
                    code: nil)
            }
            return try await mail.send(delivery, to: recipient)
        case .webhook(let url, let secret):
            return try await webhooks.send(delivery, to: url, secret)
        case .unusable(let reason):
            return .refused(reason: reason, code: nil)
        }
    }
}
