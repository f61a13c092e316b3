import Lanes
import Outbound
import Postgres
import Service
import Telemetry
import Warehouse

/// Where the notifier deals with subscribers and not with alerts: it asks them to confirm, serves
/// the pages on which they do and on which they leave, and says who was disabled.
struct SubscriberDesk: Sendable {
    let links: SubscriptionLinks
    private let asking: Asking
    private let words: SubscriptionAlerting
    private let pages: PageServer?

    init(_ settings: NotifierSettings, _ pool: PostgresPool, _ context: ServiceContext) async throws
    {
        let subscriptions = Subscriptions(pool)
        words = SubscriptionAlerting(pool, context)
        let links = SubscriptionLinks(
            url: settings.pages.url, key: try await subscriptions.linkKey())
        self.links = links
        let client = HTTPClient(
            "challenge", connections: 4, guardedBy: .publicOnly(except: settings.allowed),
            bodyLimitBytes: 20_000, overflow: .isCut,
            certificateAuthorities: settings.certificateAuthorities)
        let mail = settings.mail.map {
            ChallengeMail(client: MailClient($0.server), sender: $0.sender, links: links)
        }
        asking = Asking(
            subscriptions, mail,
            ChallengePost(client: client, allowed: settings.allowed, links: links), context)
        let responder = SubscriberPages(
            subscriptions: subscriptions, links: links, context: context)
        pages =
            links.url == nil ? nil : PageServer(settings: settings.pages, pages: responder)
    }

    /// Works until it is cancelled.
    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { try await asking.run() }
            group.addTask { try await words.run() }
            if let pages { group.addTask { try await pages.run() } }
        }
    }
}
