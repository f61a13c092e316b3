import Broker
import Events
import Telemetry

/// Takes events from the queue one after the other and sees each through to its answer.
///
/// An event is acknowledged when what follows from it is confirmed, or when it is safe in a delay
/// queue or a dead queue; never before.
struct EventWorker: Sendable {
    let handler: any EventHandler
    let queues: ServiceQueues
    let policy: RetryPolicy
    let consumer: RabbitConsumer
    let publisher: RabbitPublisher
    let gate: IntakeGate
    let readiness: Readiness
    let context: ServiceContext
    /// How long an event is held while a part is away; the broker allows half an hour.
    let outageLimit = Duration.seconds(300)

    /// Works until the consumer stops.
    func run() async {
        while let delivery = await consumer.next() {
            await gate.enter(delivery)
            await take(delivery)
            await gate.leave(delivery)
        }
    }

    private func take(_ delivery: Delivery) async {
        // A suspect may have waited for the others so long that it is not ours any more.
        if delivery.isSuspect, await !consumer.holds(delivery) { return }
        let message = delivery.message
        switch Result(catching: { () throws(CloudEvent.Problem) in try read(message) }) {
        case .success(let event):
            let facts = ["event.id": event.id, "trace.id": event.trace.traceID]
            await Log.$context.withValue(facts) { await see(event, through: delivery) }
        case .failure(let problem):
            await Log.$context.withValue(["event.id": message.id]) {
                await refuse(delivery, problem)
            }
        }
    }

    private func read(_ message: Message) throws(CloudEvent.Problem) -> Event {
        let event = try CloudEvent.event(in: message)
        guard queues.takes(event.kind) else { throw .unknownType(event.kind.cloudEventType) }
        return event
    }

    private func see(_ event: Event, through delivery: Delivery) async {
        while await isWorthTrying(delivery) {
            do {
                try await handle(event, through: delivery)
                await gate.succeeded()
                await consumer.acknowledge(delivery)
                return
            } catch {
                // Stopped in the middle: without an answer the broker gives it to another.
                if Task.isCancelled { return }
                // An outage is not the event's fault, and does not use up its attempts. What was
                // known before the failure does not count: the outage may be the reason.
                if error.asClassified.isPassing,
                    await !readiness.failures(since: .now).isEmpty
                {
                    continue
                }
                await fail(delivery, event, error.asClassified)
                return
            }
        }
    }

    /// Waits while a part is away.
    ///
    /// - Returns: False when the delivery is not ours any more, or was given back.
    private func isWorthTrying(_ delivery: Delivery) async -> Bool {
        guard !readiness.wasReady else { return true }
        guard await readiness.returns(within: outageLimit) else {
            await consumer.reject(delivery, requeue: true)
            return false
        }
        return await consumer.holds(delivery)
    }

    private func handle(_ event: Event, through delivery: Delivery) async throws {
        let kind = ["kind": event.kind.rawValue]
        let began = ContinuousClock.now
        inFlight(1)
        defer { inFlight(-1) }
        let outputs = try await handler.handle(event)
        context.metrics.observe(
            began.duration(to: .now), in: "millrace_event_handle_seconds", kind,
            help: "How long the service worked on an event.")
        try await publisher.publish(outputs + resolution(of: event, through: delivery))
        try await handler.confirmed(event)
        context.metrics.add(
            to: "millrace_events_handled_total", kind, help: "Events dealt with.")
        context.log.debug(
            "event handled",
            ["kind": event.kind.rawValue, "seconds": "\(began.duration(to: .now) / .seconds(1))"])
    }

    private func inFlight(_ change: Double) {
        context.metrics.move(
            "millrace_events_in_flight", by: change, help: "Events that are being worked on.")
    }
}
