import Events
import Lanes
import Service
import Synchronization
import Telemetry

/// Sends what is due: woken when an alert comes, and every second to see what else there is.
///
/// Each subscription has one attempt under way at a time, so that a slow endpoint keeps nobody
/// waiting but itself.
final class Dispatcher: Sendable {
    private let table: DeliveryTable
    private let courier: Courier
    private let retries: RetryPolicy
    private let context: ServiceContext
    private let parallel: Int
    /// Subscriptions with an attempt under way.
    private let busy = Mutex<Set<String>>([])
    private let calls: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    /// - Parameter parallel: The most attempts at the same time.
    init(
        _ table: DeliveryTable, _ courier: Courier, _ retries: RetryPolicy,
        _ context: ServiceContext, parallel: Int = 16
    ) {
        self.table = table
        self.courier = courier
        self.retries = retries
        self.context = context
        self.parallel = parallel
        (calls, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// There may be something to send.
    func wake() { bell.yield() }

    /// Works until it is cancelled; attempts that are under way then are cut short, and tried
    /// again by whoever runs next.
    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask {
                while true {
                    self.wake()
                    try await Task.sleep(for: .seconds(1))
                }
            }
            var backoff = Backoff(from: .seconds(1), upTo: .seconds(30))
            for await _ in calls {
                do {
                    for delivery in try await claim() {
                        group.addTask { try await self.attempt(delivery) }
                    }
                    backoff.reset()
                } catch let error as any ClassifiedError {
                    context.log.warning("deliveries not claimed", ["error": "\(error)"])
                    try await Task.sleep(for: backoff.next())
                }
            }
        }
    }

    private func claim() async throws -> [Delivery] {
        let taken = busy.withLock { Array($0) }
        guard taken.count < parallel else { return [] }
        let deliveries = try await table.claim(parallel - taken.count, except: taken)
        busy.withLock { $0.formUnion(deliveries.map(\.subscription)) }
        return deliveries
    }

    private func attempt(_ delivery: Delivery) async throws {
        defer {
            _ = busy.withLock { $0.remove(delivery.subscription) }
            wake()
        }
        do {
            let outcome = try await courier.send(delivery)
            let isLater = if case .postponed = outcome { true } else { false }
            let pause = isLater ? pause(delivery, outcome) : nil
            try await table.finish(delivery, outcome, pause: pause)
            try await tell(delivery, outcome, pause: pause)
        } catch let error as any ClassifiedError {
            // The lease ends, and the attempt is made again.
            context.log.warning(
                "delivery not recorded",
                ["delivery.id": delivery.id, "error": "\(error)"])
        }
    }

    private func pause(_ delivery: Delivery, _ outcome: DeliveryOutcome) -> Duration? {
        guard case .postponed(_, _, let asked) = outcome else { return nil }
        return retries.pause(
            afterAttempt: delivery.attempts, asked: asked, jitter: .random(in: -1...1))
    }

    private func tell(
        _ delivery: Delivery, _ outcome: DeliveryOutcome, pause: Duration?
    ) async throws {
        var facts = [
            "delivery.id": delivery.id, "subscription.id": delivery.subscription,
            "alert.id": delivery.alert.id, "attempt": "\(delivery.attempts)",
        ]
        facts["reason"] = outcome.reason
        let word: String
        switch outcome {
        case .sent:
            word = "sent"
            context.log.info("delivery sent", facts)
        case _ where pause != nil:
            word = "postponed"
            context.log.warning("delivery postponed", facts)
        default:
            word = "failed"
            context.log.error("delivery failed", facts)
        }
        context.metrics.add(
            to: "millrace_deliveries_total",
            ["outcome": word, "channel": delivery.target.channel],
            help: "Attempts to tell a subscriber, by how they ended.")
        if pause == nil { try await context.publisher.publish([event(delivery, outcome)]) }
    }

    private func event(_ delivery: Delivery, _ outcome: DeliveryOutcome) throws -> Event {
        let alert = delivery.alert
        guard let reason = outcome.reason else {
            let sent = DeliverySent(
                delivery: delivery.id, subscription: delivery.subscription, alert: alert.id,
                topic: alert.topic, pipeline: alert.pipeline, dataset: alert.dataset,
                channel: delivery.target.channel, attempts: delivery.attempts)
            return try Event(sent, id: "\(delivery.id).sent", from: context.source)
        }
        let failed = DeliveryFailed(
            delivery: delivery.id, subscription: delivery.subscription, alert: alert.id,
            topic: alert.topic, pipeline: alert.pipeline, dataset: alert.dataset,
            channel: delivery.target.channel, attempts: delivery.attempts, reason: reason)
        return try Event(failed, id: "\(delivery.id).failed", from: context.source)
    }
}
