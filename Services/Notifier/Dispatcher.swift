import Events
import Lanes
import Service
import Synchronization
import Telemetry

/// Sends what is due: woken when an alert comes, and every second to see what else there is.
///
/// Each subscription has one attempt under way at a time, and those that fail, those that do not
/// and mail each have attempts of their own, so that a slow endpoint keeps nobody waiting.
final class Dispatcher: Sendable {
    private let queue: DeliveryQueue
    private let courier: Courier
    private let retries: RetryPolicy
    private let context: ServiceContext
    private let slots: [DeliveryQueue.Class: Int]
    /// Attempts under way.
    private let busy = Mutex<[DeliveryQueue.Class: Int]>([:])
    private let calls: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    /// The most attempts at the same time.
    static let usualSlots: [DeliveryQueue.Class: Int] = [.mail: 16, .healthy: 48, .failing: 16]

    /// - Parameter retries: For subscriptions without a policy of their own.
    init(
        _ queue: DeliveryQueue, _ courier: Courier, _ retries: RetryPolicy,
        _ context: ServiceContext, slots: [DeliveryQueue.Class: Int] = usualSlots
    ) {
        self.queue = queue
        self.courier = courier
        self.retries = retries
        self.context = context
        self.slots = slots
        (calls, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// There may be something to send.
    func wake() { bell.yield() }

    /// Works until it is cancelled; attempts that are under way then are cut short, and tried
    /// again by whoever runs next.
    func run() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            // Nothing is claimed before it is there, and what a dead one left waits for nobody.
            group.addTask { try await self.queue.presence.run { self.wake() } }
            group.addTask {
                try await self.context.repeating("leases", every: .seconds(1)) {
                    defer { self.wake() }
                    try await self.queue.release()
                }
            }
            var backoff = Backoff(from: .seconds(1), upTo: .seconds(30))
            for await _ in calls {
                do {
                    for kind in DeliveryQueue.Class.allCases {
                        for delivery in try await claim(kind) {
                            group.addTask { try await self.attempt(delivery, kind) }
                        }
                    }
                    backoff.reset()
                } catch let error as any ClassifiedError {
                    context.log.warning("deliveries not claimed", ["error": "\(error)"])
                    try await Task.sleep(for: backoff.next())
                }
            }
        }
    }

    private func claim(_ kind: DeliveryQueue.Class) async throws -> [Delivery] {
        let room = busy.withLock { (slots[kind] ?? 0) - ($0[kind] ?? 0) }
        guard room > 0 else { return [] }
        let deliveries = try await queue.claim(room, of: kind)
        busy.withLock { $0[kind, default: 0] += deliveries.count }
        return deliveries
    }

    private func attempt(_ delivery: Delivery, _ kind: DeliveryQueue.Class) async throws {
        try await makeAttempt(delivery, kind)
        // The next one of a throttled subscription need not wait for the clock.
        if delivery.gap > .zero, delivery.gap < .seconds(1) {
            try await Task.sleep(for: delivery.gap)
            wake()
        }
    }

    private func makeAttempt(_ delivery: Delivery, _ kind: DeliveryQueue.Class) async throws {
        defer {
            busy.withLock { $0[kind, default: 0] -= 1 }
            wake()
        }
        do {
            let end = try await courier.send(delivery)
            let pause = pause(delivery, end.outcome)
            try await queue.finish(delivery, end, pause: pause)
            try await tell(delivery, end.outcome, pause: pause)
        } catch let error as any ClassifiedError {
            // The lease ends, and the attempt is made again.
            context.log.warning(
                "delivery not recorded",
                ["delivery.id": delivery.id, "error": "\(error)"])
        }
    }

    private func pause(_ delivery: Delivery, _ outcome: DeliveryOutcome) -> Duration? {
        guard case .postponed(_, _, let asked) = outcome else { return nil }
        return (delivery.retries ?? retries).pause(
            afterTry: delivery.tries + 1, asked: asked, jitter: .random(in: -1...1))
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
