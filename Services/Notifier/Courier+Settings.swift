import Foundation
import Outbound

extension Courier {
    /// The real ways out.
    init(_ settings: NotifierSettings, _ desk: SubscriberDesk) {
        // One connection for each attempt: whoever holds a lease waits for none.
        func slots(_ kinds: [DeliveryQueue.Class]) -> Int {
            kinds.compactMap { Dispatcher.usualSlots[$0] }.reduce(0, +)
        }
        let client = HTTPClient(
            "webhook", connections: slots([.healthy, .failing]),
            guardedBy: .publicOnly(except: settings.allowed),
            bodyLimitBytes: 20_000, overflow: .isCut,
            certificateAuthorities: settings.certificateAuthorities)
        let mail = settings.mail.map {
            MailSender(
                client: MailClient($0.server, connections: slots([.mail])), sender: $0.sender,
                unsubscribe: { desk.links.unsubscribe($0) })
        }
        self.init(
            mail: mail,
            webhooks: WebhookSender(client: client, allowed: settings.allowed) { name in
                ProcessInfo.processInfo.environment["MILLRACE_WEBHOOK_SECRET_\(name)"]
            },
            commands: CommandSender(folder: settings.commands))
    }
}
