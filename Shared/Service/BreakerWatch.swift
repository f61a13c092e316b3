import Events
import Telemetry

/// Keeps the circuit breaker's clock, and tells people when it opens and closes.
struct BreakerWatch: Sendable {
    let gate: IntakeGate
    let context: ServiceContext

    /// Watches until cancelled.
    func run() async {
        // Telling may take long, and a probe shall not wait for it.
        await withTaskGroup(of: Void.self) { group in
            group.addTask { while await beat() { await gate.look() } }
            group.addTask { await tell() }
        }
    }

    private func beat() async -> Bool {
        await pause(.milliseconds(200))
        return !Task.isCancelled
    }

    private func tell() async {
        var wasOpen = false
        repeat {
            let reason = gate.openReason
            context.metrics.set(
                "millrace_breaker_open", to: reason == nil ? 0 : 1,
                help: "1 while all events fail and one at a time is tried.")
            guard wasOpen != (reason != nil) else { continue }
            wasOpen = reason != nil
            if let reason {
                context.log.error(
                    "all events fail; the service tries one at a time", ["error": reason])
            } else {
                context.log.info("events are handled again")
            }
            await alert(reason)
        } while await beat()
    }

    /// Best effort: what matters is that the events wait.
    private func alert(_ reason: String?) async {
        // The notifier would get it when it is over.
        guard context.name != "notifier" else { return }
        do {
            let id = "\(context.name).\(context.host).paused.\(ULID())"
            try await context.publisher.publish([
                try reason.map { try Event(raised(because: $0), id: id, from: context.source) }
                    ?? Event(resolved, id: id, from: context.source)
            ])
        } catch {
            context.log.error("alert could not be raised", ["error": "\(error)"])
        }
    }

    private var key: String { "service_paused:\(context.name):\(context.host)" }

    private func raised(because reason: String) -> AlertRaised {
        AlertRaised(
            key: key, topic: "service_paused", severity: .critical, pipeline: "_", dataset: "_",
            batch: nil, title: "\(context.name) on \(context.host) handles no events: all fail",
            detail: "\(reason)\nThe events wait; one at a time is tried until one goes well.",
            command: "millrace status")
    }

    private var resolved: AlertResolved {
        AlertResolved(
            key: key, topic: "service_paused", pipeline: "_", dataset: "_",
            title: "\(context.name) on \(context.host) handles events again")
    }
}
