/// Carries a delivery to its subscriber by the way that the subscription names.
struct Courier: Sendable {
    /// Nil where no mail server is set.
    let mail: MailSender?
    let webhooks: WebhookSender
    var commands = CommandSender(folder: nil)

    /// Makes one attempt.
    ///
    /// - Throws: `CancellationError` only; everything else is an outcome.
    func send(_ delivery: Delivery) async throws -> AttemptEnd {
        switch delivery.target {
        case .email(let recipient):
            guard let mail else {
                return AttemptEnd(
                    .refused(
                        reason: "no mail server: set MILLRACE_SMTP_URL and MILLRACE_SMTP_FROM",
                        code: nil))
            }
            return try await mail.send(delivery, to: recipient)
        case .webhook(let webhook):
            return try await webhooks.send(delivery, to: webhook)
        case .command(let program, let form):
            return try await commands.send(delivery, to: program, form)
        case .unusable(let reason):
            return AttemptEnd(.refused(reason: reason, code: nil))
        }
    }
}
