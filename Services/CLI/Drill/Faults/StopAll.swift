import Glibc
import Stack

/// Every service is asked to stop under full load, and starts again at once.
struct StopAll: DrillFault {
    let name = "stop-all"
    let summary = "SIGTERM to every service at once"
    let times = 2
    /// One for each stop.
    let mostDelays: Int? = 2

    func strike(_ scene: DrillScene, for time: Duration) async throws -> String? {
        let processes = try StackPart.services.compactMap { try scene.services.process($0) }
        guard processes.count == StackPart.services.count else { return nil }
        for process in processes { process.signalAlone(SIGTERM) }
        for (service, process) in zip(StackPart.services, processes) {
            guard try await process.hasEnded(within: .seconds(40)) else {
                throw CommandError(
                    "the \(service.rawValue) did not stop within 40 s",
                    try: "tail \(scene.services.folder.log(service.rawValue))")
            }
        }
        return "\(processes.count) services"
    }
}
