import Glibc
import Stack

/// A server ends, politely or not, and comes back.
struct EndServer: DrillFault {
    let name: String
    let summary: String
    let weight: Int
    let lane = DrillLane.servers
    private let part: StackPart
    private let isPolite: Bool
    /// Held down for as long as the fault lasts.
    private let isHeld: Bool

    static let brokerRestart = EndServer(
        name: "broker-restart", summary: "stops and starts the broker", weight: 1, part: .broker,
        isPolite: true, isHeld: false)
    static let brokerKill = EndServer(
        name: "broker-kill", summary: "SIGKILL to the broker", weight: 3, part: .broker,
        isPolite: false, isHeld: false)
    static let warehouseRestart = EndServer(
        name: "warehouse-restart", summary: "stops and starts the warehouse", weight: 1,
        part: .warehouse, isPolite: true, isHeld: false)
    static let warehouseKill = EndServer(
        name: "warehouse-kill", summary: "SIGKILL to all of the warehouse", weight: 3,
        part: .warehouse, isPolite: false, isHeld: false)
    static let warehouseDown = EndServer(
        name: "warehouse-down", summary: "kills the warehouse and keeps it down", weight: 1,
        part: .warehouse, isPolite: false, isHeld: true)

    var usualTime: Duration? { isHeld ? .seconds(30) : nil }

    func strike(_ scene: DrillScene, for time: Duration) async throws -> String? {
        guard let process = try scene.services.process(part) else { return nil }
        guard isHeld else {
            end(process)
            return "process \(process.id)"
        }
        let hold = StackHold(part, in: scene.services.folder)
        try await scene.undo.after(
            "let the \(part.rawValue) come back", { try hold.lift() },
            {
                try hold.place(for: time + .seconds(30))
                end(process)
                try await Task.sleep(for: time)
            })
        return "process \(process.id), for \(TimeText.seconds(time / .seconds(1)))"
    }

    private func end(_ process: ProcessIdentity) {
        if isPolite {
            // PostgreSQL's fast shutdown; RabbitMQ's node takes SIGTERM.
            process.signalAlone(part == .warehouse ? SIGINT : SIGTERM)
            return
        }
        // Stopped first, so that none starts another one meanwhile: a power cut takes all at once.
        process.signalAlone(SIGSTOP)
        for child in process.children { child.signalAlone(SIGKILL) }
        process.signalAlone(SIGKILL)
    }
}
