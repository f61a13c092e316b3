import Broker
import Events
import Postgres

/// The broker of a drill's stack, asked directly.
struct DrillBroker: Sendable {
    let context: StackContext

    /// Events that wait for somebody: in the queues of work and of delays.
    func waiting() async throws -> Int {
        try await depths {
            // The schedule's queue holds no event but the lease itself, always.
            !$0.hasSuffix(".dead") && !$0.hasPrefix("drill.") && $0 != Topology.schedule
        }
    }

    /// Events that were set aside: in the dead queues and, of a pipeline, in the archive.
    func dead(of pipeline: String, _ warehouse: PostgresPool) async throws -> Int {
        let queued = try await depths { $0.hasSuffix(".dead") }
        let archive = "millrace.dead_letters"
        let rows = try await warehouse.query(
            "select to_regclass($1) is not null as there", [archive])
        guard rows.first?.boolean("there") == true else { return queued }
        let sql = "select count(*) as count from \(archive) where pipeline = $1"
        return try await queued
            + (warehouse.query(sql, [pipeline]).first?.integer("count") ?? 0)
    }

    /// Breaks every connection over which a service takes events.
    ///
    /// - Returns: How many.
    func closeConsumers() async throws -> Int {
        let api = try context.management()
        let names = try await api.connections(to: context.broker().virtualHost) {
            $0.hasPrefix("millrace-") && $0.hasSuffix(" consume")
        }
        for name in names { try await api.closeConnection(name) }
        return names.count
    }

    /// How often messages were delivered once more, since the broker's start.
    func redelivered() async throws -> Int {
        let counts = try await context.management().redeliveries(
            in: context.broker().virtualHost)
        return counts.values.reduce(0, +)
    }

    // MARK: Saying events again

    /// Makes a queue that gets a copy of every event from now on. It is gone when nobody takes from
    /// it for a minute.
    func listen() async throws -> String { try await listen(to: Topology.events, ["#"]) }

    /// Makes a queue that gets a copy of every event that comes back to its service after a delay.
    func listenToReturns() async throws -> String {
        let host = try context.broker().virtualHost
        let queues = try await context.management().depths(in: host).keys
        return try await listen(to: Topology.direct, queues.filter { $0.hasSuffix(".work") })
    }

    private func listen(to exchange: String, _ keys: [String]) async throws -> String {
        let queue = "drill.\(ULID().description.lowercased())"
        try await context.management().tap(
            exchange, keys, into: queue, in: context.broker().virtualHost)
        return queue
    }

    /// Takes what such a queue has got.
    func heard(from queue: String) async throws -> [HeardMessage] {
        try await context.management().take(
            from: queue, in: context.broker().virtualHost, limit: 1000)
    }

    /// Says the events of a pipeline that such a queue has got again, each one to ten times.
    ///
    /// - Parameter known: Those that were said again before: they come by once more themselves.
    /// - Returns: How many copies were said.
    func sayAgain(
        from queue: String, of pipeline: String, but known: inout Set<String>
    ) async throws -> Int {
        let api = try context.management()
        let virtualHost = try context.broker().virtualHost
        var said = 0
        for message in try await api.take(from: queue, in: virtualHost, limit: 100)
        where message.routingKey.contains(".\(pipeline).") {
            guard known.insert(message.id).inserted else { continue }
            let copies = 1 + message.id.utf8.reduce(0) { $0 + Int($1) } % 10
            for _ in 0..<copies {
                try await api.say(message, to: Topology.events, in: virtualHost)
            }
            said += copies
        }
        return said
    }

    /// Removes such a queue; one that went with the broker is no error.
    func remove(_ queue: String) async throws {
        do {
            try await context.management().deleteQueue(
                queue, in: context.broker().virtualHost)
        } catch let error as BrokerError where error.kind == .topology {
            return
        } catch let error as any ClassifiedError where error.disposition == .transient {
            // The broker is away; the queue goes with it, or by itself within a minute.
            return
        }
    }

    // MARK: Depths

    /// Waits until nothing waits any more, by the broker's own numbers, which are some seconds old.
    ///
    /// - Parameter meanwhile: Done about every second until then.
    /// - Returns: How many wait still after `limit`.
    func drained(
        within limit: Duration, meanwhile: () async throws -> Void
    ) async throws -> Int {
        let deadline = ContinuousClock.now + limit
        var emptySince: ContinuousClock.Instant?
        var last = 0
        while .now < deadline {
            try await meanwhile()
            do {
                last = try await waiting()
            } catch let error as any ClassifiedError where error.disposition == .transient {
                // It may have come back a moment ago.
                last = max(last, 1)
            }
            emptySince = last == 0 ? emptySince ?? .now : nil
            if let emptySince, emptySince.duration(to: .now) > .seconds(6) { return 0 }
            try await Task.sleep(for: .seconds(1))
        }
        return last
    }

    private func depths(_ isCounted: (String) -> Bool) async throws -> Int {
        let depths = try await context.management().depths(in: context.broker().virtualHost)
        return depths.filter { isCounted($0.key) }.values.reduce(0, +)
    }
}
