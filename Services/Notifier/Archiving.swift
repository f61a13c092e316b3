import Broker
import Events
import Lanes
import Service
import Telemetry
import Warehouse

/// Takes dead letters out of their queues and keeps them where a person can work with them.
///
/// A letter is acknowledged when its row is committed; the alert about it is owed from then on, in
/// the same row. While the warehouse is away letters stay in their queues.
struct Archiving: Sendable {
    let queues: DeadQueues
    let archive: DeadLetterArchive
    /// Throws while the warehouse is away.
    let check: @Sendable () async throws -> Void
    let alerts: LetterAlerting
    let context: ServiceContext

    /// Works until it is cancelled; what is in hand then stays with the broker.
    func run() async throws {
        var backoff = Backoff(from: .seconds(1), upTo: .seconds(15))
        while !Task.isCancelled {
            do {
                // Asked first: a letter that is taken and given back counts as looked at.
                try await check()
                let taken = try await queues.take()
                try await keep(taken)
                backoff.reset()
                if taken.isEmpty { try await Task.sleep(for: .milliseconds(500)) }
            } catch let error as any ClassifiedError {
                await queues.close()
                context.log.warning("dead letters not archived", ["error": "\(error)"])
                try await Task.sleep(for: backoff.next())
            } catch {
                await queues.close()
                throw error
            }
        }
        await queues.close()
    }

    private func keep(_ taken: [DeadQueues.Taken]) async throws {
        guard !taken.isEmpty else { return }
        do {
            try await keepAll(taken)
        } catch let error as any ClassifiedError where error.disposition == .permanent {
            // One of them is to blame; the others shall not wait for it.
            try await keepEach(taken)
        }
    }

    private func keepEach(_ taken: [DeadQueues.Taken]) async throws {
        var last: (any ClassifiedError)?
        for one in taken {
            do {
                try await keepAll([one])
            } catch let error as any ClassifiedError where error.disposition == .permanent {
                last = error
                context.log.error(
                    "dead letter cannot be archived; it stays in its queue",
                    ["event.id": one.letter.id, "service": one.letter.service, "error": "\(error)"])
            }
        }
        if let last { throw last }
    }

    private func keepAll(_ taken: [DeadQueues.Taken]) async throws {
        let letters = taken.map(\.letter)
        let count = try await archive.keep(letters)
        try await queues.acknowledge(taken)
        alerts.wake()
        for (service, letters) in Dictionary(grouping: letters, by: \.service) {
            context.metrics.add(
                Double(letters.count), to: "millrace_dead_letters_archived_total",
                ["service": service], help: "Dead letters taken out of their queues and kept.")
            // Nobody is told by an alert of what the teller of alerts cannot handle.
            if service == context.name, let letter = letters.first {
                context.log.error(
                    "the notifier itself gave up on events",
                    [
                        "count": "\(letters.count)", "event.id": letter.id,
                        "error.class": letter.errorClass, "error": letter.errorMessage,
                    ])
            }
        }
        context.log.info("dead letters archived", ["taken": "\(taken.count)", "new": "\(count)"])
    }
}
