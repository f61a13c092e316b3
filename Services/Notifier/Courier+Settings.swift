import Outbound

extension Courier {
    /// The real ways out.
    init(_ settings: NotifierSettings) {
        let client = HTTPClient(
            "webhook", connections: 16, guardedBy: .publicOnly(except: settings.allowed),
            bodyLimitBytes: 20_000, overflow: .isCut,
            certificateAuthorities: settings.certificateAuthorities)
        let mail = settings.mail.map {
            MailSender(client: MailClient($0.server), sender: $0.sender)
        }
        self.init(mail: mail, webhooks: WebhookSender(client: client))
    }
}
