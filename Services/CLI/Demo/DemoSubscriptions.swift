import Outbound
import Postgres
import Warehouse

/// The subscriptions of a demo's mailbox and web address, for as long as it lasts.
struct DemoSubscriptions: Sendable {
    private let receivers: DemoReceivers
    private let subscriptions: Subscriptions

    init(_ receivers: DemoReceivers, _ warehouse: PostgresPool) {
        self.receivers = receivers
        subscriptions = Subscriptions(warehouse)
    }

    func make() async throws {
        _ = try await subscriptions.create(
            topic: "*", channel: .email, target: receivers.address)
        let webhook = try await subscriptions.create(
            topic: "*", channel: .webhook, target: receivers.url)
        receivers.expect(webhook.secret.flatMap(WebhookSecret.init))
    }

    /// Returns when a mail and a webhook have come, or after a while without.
    ///
    /// - Parameter rejected: There is also to be a mail about rejects.
    func waitForAlerts(rejected: Bool) async throws {
        let clock = ContinuousClock()
        let deadline = clock.now + .seconds(20)
        while receivers.hooks.isEmpty || receivers.bestMail(rejected: rejected) == nil,
            clock.now < deadline
        {
            try await clock.sleep(for: .milliseconds(50))
        }
    }

    /// Nobody is there to be told any more, nor at the ports of demos before.
    func remove() async throws {
        for subscription in try await subscriptions.list()
        where receivers.owns(subscription.target) {
            _ = try await subscriptions.delete(subscription.id)
        }
    }
}
