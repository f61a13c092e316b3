import Lanes
import Outbound
import Telemetry

/// Makes a queue anew, because AMQP cannot change it, without losing a message.
///
/// Everything goes to a queue aside, the queue is made anew, everything comes back. A message is
/// taken away only after the broker has confirmed its copy: an interruption leaves copies, which
/// the services know, and no gaps. Called again, it goes on.
struct QueueMigration {
    let queue: String
    /// Those that it shall have.
    let bindings: [Topology.Binding]
    let api: ManagementAPI
    let address: BrokerAddress

    private var aside: String { Self.aside(of: queue) }
    private var virtualHost: String { address.virtualHost }

    static func aside(of queue: String) -> String { "\(queue).aside" }

    /// What it does, for a person who wants to know before or to do it by hand.
    static func steps(for queue: String) -> [String] {
        [
            "stop what consumes \(queue)",
            "run `millrace topology apply --migrate`: it makes \(aside(of: queue)), binds it "
                + "instead of \(queue), moves all messages there (each confirmed before it is "
                + "taken away), deletes \(queue), makes it anew and moves everything back",
            "start what consumes it",
        ]
    }

    /// - Throws: `BrokerError` (topology) before anything was touched, when somebody consumes it.
    func run() async throws {
        let live = try await LiveTopology(reading: api, virtualHost: virtualHost)
        if let found = live.queues[queue], found != Topology.form(of: queue) {
            try await setAside(live)
        }
        try await api.declare(queue: queue, in: virtualHost)
        for binding in bindings { try await api.bind(binding, in: virtualHost) }
        try await unbind(aside)
        try await move(from: aside, to: queue)
        try await delete(aside)
    }

    private func setAside(_ live: LiveTopology) async throws {
        try await refuseConsumers()
        try await api.declare(queue: aside, in: virtualHost)
        for binding in live.bindings.keys where binding.queue == queue && binding.exchange != "" {
            try await api.bind(binding.for(aside), in: virtualHost)
        }
        try await unbind(queue)
        try await move(from: queue, to: aside)
        try await delete(queue)
    }

    private func unbind(_ name: String) async throws {
        let live = try await LiveTopology(reading: api, virtualHost: virtualHost)
        for (binding, key) in live.bindings where binding.queue == name && binding.exchange != "" {
            try await api.unbind(binding, key: key, in: virtualHost)
        }
    }

    private func refuseConsumers() async throws {
        let (address, queue) = (address, queue)
        let count = try await Lane("migrate").run {
            let connection = try RabbitConnection(address, name: "millrace topology")
            defer { connection.close() }
            return try connection.consumers(of: queue)
        }
        guard count > 0 else { return }
        throw BrokerError(
            .topology, during: "migrate \(queue)",
            "\(count) consumers use it; stop them first (`millrace down`, or the service)")
    }

    /// Moves what is there, some hundred at a time, with their routing keys: a delayed message's is
    /// the queue that it goes back to.
    private func move(from source: String, to target: String) async throws {
        let way = Topology.Exchange(name: "\(target).move", kind: .fanout)
        try await api.declare(way, in: virtualHost)
        try await api.bind(
            Topology.Binding(exchange: way.name, queue: target, key: ""), in: virtualHost)
        let log = Log(service: "topology", threshold: .error)
        let reader = QueueReader(source, at: address)
        try await RabbitPublisher.with(address, name: "millrace topology", log: log) { publisher in
            while case let batch = try await reader.take(200), !batch.isEmpty {
                try await publisher.post(
                    batch.map { Posting($0.movable, to: way.name, routingKey: $0.routingKey) })
                try await reader.acknowledge(batch)
            }
        }
        await reader.close()
        try await api.delete(exchange: way.name, in: virtualHost)
    }

    /// Deletes a queue once the broker's statistics agree that nothing is in it: neither what
    /// somebody else took and has not answered, nor a dead letter that has nowhere to go.
    private func delete(_ name: String) async throws {
        for _ in 0..<10 {
            // The statistics are up to five seconds old.
            try await Task.sleep(for: .seconds(6))
            if try await api.contents(of: name, in: virtualHost) == 0 {
                return try await api.change(.delete, ["queues", virtualHost, name])
            }
        }
        throw BrokerError(
            .topology, during: "migrate \(queue)",
            "\(name) still holds messages that somebody took and has not answered; close what "
                + "reads it, then run `millrace topology apply --migrate` again")
    }
}

/// Takes messages out of a queue over a connection and a lane of its own.
private actor QueueReader {
    private let queue: String
    private let address: BrokerAddress
    private let lane = Lane("migrate")
    private var connection: RabbitConnection?

    nonisolated var unownedExecutor: UnownedSerialExecutor { lane.asUnownedSerialExecutor() }

    init(_ queue: String, at address: BrokerAddress) {
        self.queue = queue
        self.address = address
    }

    func take(_ limit: Int) throws -> [Incoming.Arrival] {
        let connection = try open()
        var batch: [Incoming.Arrival] = []
        while batch.count < limit, let arrival = try connection.get(queue) { batch.append(arrival) }
        return batch
    }

    func acknowledge(_ batch: [Incoming.Arrival]) throws {
        for arrival in batch { try connection?.acknowledge(arrival.tag) }
    }

    func close() {
        connection?.close()
        connection = nil
    }

    private func open() throws -> RabbitConnection {
        if let connection { return connection }
        let opened = try RabbitConnection(address, name: "millrace topology")
        connection = opened
        return opened
    }
}

extension Incoming.Arrival {
    /// Without its expiration: aside, it would end without a way on. The level's own still holds.
    fileprivate var movable: Message {
        var message = message
        message.expirationMilliseconds = nil
        message.headers["x-delivery-count"] = nil
        return message
    }
}

extension Topology.Binding {
    fileprivate func `for`(_ queue: String) -> Topology.Binding {
        Topology.Binding(exchange: exchange, queue: queue, key: key)
    }
}
