import Telemetry

/// Keeps an eye on what the service needs and, when a part is away for long, gives its events back
/// to the broker.
///
/// A short outage costs nothing: the events are held. But the broker takes away what is held for
/// half an hour and charges a delivery for it, so after some minutes none are taken any more.
struct OutageBrake: Sendable {
    let readiness: Readiness
    let gate: IntakeGate?
    let log: Log
    var limit = Duration.seconds(240)

    /// Watches until cancelled.
    func run() async {
        var awaySince: ContinuousClock.Instant?
        var isOn = false
        // The connections need a moment before it means anything that they are not there.
        await pause(.seconds(1))
        while !Task.isCancelled {
            let isReady = await readiness.failures().isEmpty
            awaySince = isReady ? nil : awaySince ?? .now
            let isLong = awaySince.map { $0.duration(to: .now) > limit } ?? false
            if isLong != isOn {
                isOn = isLong
                await gate?.hold(isOn)
                log.warning(
                    isOn ? "outage is long; events are left in the queue" : "outage is over")
            }
            await pause(isReady ? .seconds(5) : .seconds(1))
        }
    }
}
