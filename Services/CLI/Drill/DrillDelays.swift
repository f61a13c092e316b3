import Broker

/// How often each event was put off while a drill ran: what comes back to its service after a
/// delay.
actor DrillDelays {
    private let broker: DrillBroker
    private let queue: String
    /// By event and by the queue that it goes back to.
    private var counts: [String: Int] = [:]

    private init(_ broker: DrillBroker, _ queue: String) {
        self.broker = broker
        self.queue = queue
    }

    /// Begins to listen.
    static func listening(to broker: DrillBroker) async throws -> DrillDelays {
        DrillDelays(broker, try await broker.listenToReturns())
    }

    /// Counts what has come since the last time. Within a minute of it, or the queue is gone.
    func count() async throws {
        for message in try await broker.heard(from: queue) {
            counts["\(message.routingKey) \(message.id)", default: 0] += 1
        }
    }

    /// How many events were put off, and how often the one that was put off most.
    var result: (events: Int, most: Int) { (counts.count, counts.values.max() ?? 0) }

    /// Ends it.
    func end() async throws {
        try await broker.remove(queue)
    }
}
