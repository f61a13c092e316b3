import Broker

/// The workers of a service and the consumer that they take from.
struct EventIntake: Sendable {
    let worker: EventWorker
    /// How many events are worked on at the same time.
    let count: Int

    var consumer: RabbitConsumer { worker.consumer }
    var gate: IntakeGate { worker.gate }

    /// Works until the consumer stops and everything in hand is answered.
    func run() async {
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<count { group.addTask { await worker.run() } }
        }
    }
}
