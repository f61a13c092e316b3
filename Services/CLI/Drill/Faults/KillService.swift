import Glibc
import Stack

/// A service ends in the middle of whatever it does.
struct KillService: DrillFault {
    let service: StackPart

    var name: String { "kill-\(service.rawValue)" }
    var summary: String { "SIGKILL to the \(service.rawValue)" }
    let times = 5
    let weight = 12

    func strike(_ scene: DrillScene, for time: Duration) async throws -> String? {
        guard let process = try scene.services.process(service) else { return nil }
        process.signalAlone(SIGKILL)
        return "process \(process.id)"
    }
}
