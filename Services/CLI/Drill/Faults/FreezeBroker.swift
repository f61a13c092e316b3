import Glibc
import Stack

/// The broker does not answer for a while, and does not break its connections either.
struct FreezeBroker: DrillFault {
    let name = "broker-freeze"
    let summary = "SIGSTOP to the broker, SIGCONT later"
    let usualTime: Duration? = .seconds(60)
    let lane = DrillLane.servers

    func strike(_ scene: DrillScene, for time: Duration) async throws -> String? {
        guard let broker = try scene.services.process(.broker) else { return nil }
        try await scene.undo.after(
            "continue the broker",
            { broker.signalAlone(SIGCONT) },
            {
                broker.signalAlone(SIGSTOP)
                try await Task.sleep(for: time)
            })
        return "process \(broker.id), for \(TimeText.seconds(time / .seconds(1)))"
    }
}
