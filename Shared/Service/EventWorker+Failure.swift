import Broker
import Events
import Lanes
import Telemetry

extension EventWorker {
    /// The event could not be handled: again later, or set aside.
    func fail(_ delivery: Delivery, _ event: Event, _ error: any ClassifiedError) async {
        let isEverybody = error.isPassing ? await gate.failed(event.id, error.description) : false
        let verdict = policy.verdict(
            on: error.disposition, attempt: delivery.attempt,
            isSpared: isEverybody && delivery.timesSpared < RetryPolicy.mostSpared)
        switch verdict {
        case .retry(let level):
            await delay(delivery, event, error, failed(delivery, error).retry(after: level))
        case .spare(let level):
            await delay(delivery, event, error, failed(delivery, error).spared(after: level))
        case .setAside(let reason):
            await setAside(delivery, event, error, because: reason)
        }
    }

    private func delay(
        _ delivery: Delivery, _ event: Event, _ error: any ClassifiedError, _ posting: Posting
    ) async {
        guard await hand(over: delivery, as: posting, isLast: false) else { return }
        context.metrics.add(
            to: "millrace_events_retried_total",
            ["kind": event.kind.rawValue, "error": error.errorClass],
            help: "Events that failed and come again after a delay.")
        context.log.warning(
            "event failed; it comes again",
            facts(delivery, error).merging(["delay.queue": posting.exchange]) { $1 })
    }

    /// What came is not an event that this service can read.
    func refuse(_ delivery: Delivery, _ problem: CloudEvent.Problem) async {
        switch problem {
        case .unknownType(let type):
            let error = HandlingError(
                .permanent, "event.unknown",
                "\(queues.service) \(Version.current) does not take events of type `\(type)`")
            await setAside(delivery, nil, error, because: .skipped)
        case .malformed(let reason):
            let error = HandlingError(.poison, "event.unreadable", reason)
            await setAside(delivery, nil, error, because: .poison)
        }
    }

    private func setAside(
        _ delivery: Delivery, _ event: Event?, _ error: any ClassifiedError,
        because reason: DeadReason
    ) async {
        let posting = failed(delivery, error).setAside(because: reason)
        guard await hand(over: delivery, as: posting, isLast: true) else { return }
        context.metrics.add(
            to: "millrace_events_dead_total",
            ["kind": event?.kind.rawValue ?? "unknown", "reason": reason.rawValue],
            help: "Events set aside for a person.")
        context.log.error(
            "event set aside",
            facts(delivery, error).merging(["reason": reason.rawValue]) { $1 })
    }

    /// Publishes the event elsewhere and acknowledges it only when that is confirmed. While that
    /// cannot be done the event is held: each time that it goes back counts as a delivery.
    private func hand(
        over delivery: Delivery, as posting: Posting, isLast: Bool
    ) async -> Bool {
        var pauses = Backoff(from: .seconds(1), upTo: .seconds(15))
        let deadline = ContinuousClock.now + outageLimit
        repeat {
            do {
                try await publisher.post([posting])
                await consumer.acknowledge(delivery)
                return true
            } catch {
                if Task.isCancelled { return false }
                context.log.error(
                    "failed event could not be moved",
                    ["error": "\(error)", "queue": posting.exchange])
                // The broker's own dead-lettering works even while it takes no messages from us.
                if isLast || !error.asClassified.isPassing {
                    await consumer.reject(delivery, requeue: false)
                    return false
                }
            }
            await pause(pauses.next())
        } while await consumer.holds(delivery) && .now < deadline
        await consumer.reject(delivery, requeue: true)
        return false
    }

    private func failed(_ delivery: Delivery, _ error: any ClassifiedError) -> FailedDelivery {
        FailedDelivery(
            delivery, of: queues, on: context.host, with: error,
            maximumAttempts: policy.maximumAttempts)
    }

    private func facts(_ delivery: Delivery, _ error: any ClassifiedError) -> [String: String] {
        [
            "attempt": "\(delivery.attempt)", "error": error.description,
            "error.class": error.errorClass,
        ]
    }
}

extension Error {
    /// An error that nobody has classified may pass.
    var asClassified: any ClassifiedError {
        self as? any ClassifiedError ?? HandlingError(.transient, "unclassified", "\(self)")
    }
}

extension ClassifiedError {
    var isPassing: Bool {
        switch disposition {
        case .transient, .throttled: true
        case .permanent, .poison: false
        }
    }
}
