/// Connections over which the services take events break while answers are under way.
struct DropAck: DrillFault {
    let name = "drop-ack"
    let summary = "breaks the connections that events are taken over"
    let times = 5
    let weight = 10

    func strike(_ scene: DrillScene, for time: Duration) async throws -> String? {
        let broker = DrillBroker(context: scene.context)
        do {
            let closed = try await broker.closeConsumers()
            return closed > 0 ? "\(closed) connections" : nil
        } catch {
            // The broker is away, which another fault may have brought about.
            return nil
        }
    }
}
