import Events

/// Every event of the drill that comes by is said again, up to ten times.
struct DuplicateEvents: DrillFault {
    let name = "duplicate-events"
    let summary = "says each event again, up to ten times"
    let usualTime: Duration? = .seconds(10)
    let weight = 3
    let lane = DrillLane.lasting

    func strike(_ scene: DrillScene, for time: Duration) async throws -> String? {
        let broker = DrillBroker(context: scene.context)
        let queue: String
        do {
            queue = try await broker.listen()
        } catch let error as any ClassifiedError where error.disposition == .transient {
            // Another fault has taken the broker away.
            return nil
        }
        var known: Set<String> = []
        var said = 0
        try await scene.undo.after(
            "remove the queue \(queue)", { try await broker.remove(queue) },
            {
                let end = ContinuousClock.now + time
                while .now < end {
                    do {
                        said += try await broker.sayAgain(
                            from: queue, of: scene.pipeline.name, but: &known)
                    } catch is any ClassifiedError {
                        // The broker is away, or has come back without the queue.
                        break
                    }
                    try await Task.sleep(for: .milliseconds(200))
                }
            })
        scene.journal.count("events said again", said)
        return said > 0 ? "\(said) copies" : nil
    }
}
