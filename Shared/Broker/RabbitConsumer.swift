import Lanes
public import Telemetry

/// Hands out the messages of one queue, over a connection and a lane of its own.
///
/// What is handed out stays unacknowledged until its taker answers. When the connection breaks,
/// the broker gives all of it to somebody again; answers to what came before are then void.
public actor RabbitConsumer {
    private let address: BrokerAddress
    private let queues: ServiceQueues
    private let name: String
    private let log: Log
    private let metrics: Metrics
    private let lane: Lane
    private let status: ConnectionStatus
    private var link: Link?
    private var connections = 0
    private var tag = ""
    private var ready: ArraySlice<Delivery> = []
    private var takers: [CheckedContinuation<Delivery?, Never>] = []
    private var isStopped = false
    /// The most messages that may be ours; none when it is 0.
    private var admitted: Int

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        lane.asUnownedSerialExecutor()
    }

    /// - Parameters:
    ///   - prefetch: The most messages that are ours at a time.
    ///   - name: The connection's name, as the broker shows it.
    public init(
        _ address: BrokerAddress, queues: ServiceQueues, prefetch: Int, name: String, log: Log,
        metrics: Metrics = Metrics()
    ) {
        self.address = address
        self.queues = queues
        admitted = prefetch
        self.name = name
        self.log = log
        self.metrics = metrics
        lane = Lane("consume")
        status = ConnectionStatus(role: "consume", log: log, metrics: metrics)
    }

    /// Keeps the connection up until the task is cancelled.
    ///
    /// - Throws: `BrokerError` (topology) when what the service needs is not there on the first
    ///   connection; later the same counts as an outage.
    public func run() async throws {
        var backoff = Backoff(from: .milliseconds(500), upTo: .seconds(30))
        while !Task.isCancelled {
            try connect()
            let began = ContinuousClock.now
            var beats = 0
            while link != nil, await beat() {
                if beats.isMultiple(of: 60) { countDead() }
                beats += 1
                drain()
            }
            if began.duration(to: .now) > .seconds(10) { backoff.reset() }
            await pause(backoff.next())
        }
        stop()
        link?.connection.close()
        disconnect()
    }

    /// Waits for the next message; nil after `stop`, or when the task is cancelled.
    public func next() async -> Delivery? {
        // `@Sendable`: a closure that inherits the lane's isolation loses it here
        // (swiftlang/swift#86083), so the call inside has to come back to the lane.
        await withTaskCancellationHandler { @Sendable in
            await self.take()
        } onCancel: {
            lane.post { self.assumeIsolated { $0.stop() } }
        }
    }

    private func take() async -> Delivery? {
        guard !isStopped, !Task.isCancelled else { return nil }
        if let delivery = ready.popFirst() { return delivery }
        return await withCheckedContinuation { takers.append($0) }
    }

    /// The message is dealt with, its outputs are confirmed.
    public func acknowledge(_ delivery: Delivery) {
        answer(delivery) { connection throws(BrokerError) in
            try connection.acknowledge(delivery.tag)
        }
    }

    /// The message is not dealt with: back to the queue, or to its dead letters.
    public func reject(_ delivery: Delivery, requeue: Bool) {
        answer(delivery) { connection throws(BrokerError) in
            try connection.reject(delivery.tag, requeue: requeue)
        }
    }

    /// True while the answer to a delivery still counts.
    public func holds(_ delivery: Delivery) -> Bool {
        link != nil && delivery.connection == connections
    }

    /// True while messages can come.
    public nonisolated var isConnected: Bool { status.isUp }

    /// Takes nothing more and gives back what nobody has taken yet. What is in hand can still be
    /// answered.
    public func stop() {
        guard !isStopped else { return }
        isStopped = true
        for taker in takers { taker.resume(returning: nil) }
        takers = []
        release()
    }

    /// Changes how many messages may be ours at a time; 0 asks for none. What nobody has taken
    /// yet goes back when there shall be fewer. What is in hand does not count: for one at a time
    /// in a strict sense, ask for none first and wait for its answers.
    public func admit(_ count: Int) {
        guard count != admitted else { return }
        let isLess = count < admitted
        admitted = isLess ? 0 : count
        if isLess { release() } else { cancel() }
        admitted = count
        attempt { connection throws(BrokerError) in try consume(over: connection) }
        drain()
    }

    // MARK: Connection

    private func connect() throws(BrokerError) {
        do {
            let connection = try RabbitConnection(address, name: name)
            try verify(connection)
            try consume(over: connection)
            connections += 1
            let watch = lane.watch(connection.descriptor) { [weak self] in
                self?.assumeIsolated { $0.drain() }
            }
            link = Link(connection: connection, watch: watch)
            status.up()
            drain()
        } catch {
            if error.kind == .topology, connections == 0 { throw error }
            status.down(error)
        }
    }

    /// A message that came after the stop would go back at once, and the broker counts that until
    /// it sets the message aside.
    private func consume(over connection: RabbitConnection) throws(BrokerError) {
        guard admitted > 0, !isStopped else { return }
        tag = try connection.consume(queues.work, prefetch: UInt16(clamping: admitted))
    }

    private func verify(_ connection: RabbitConnection) throws(BrokerError) {
        do {
            for exchange in Topology.millrace(hosts: []).exchanges {
                try connection.check(exchange: exchange)
            }
            _ = try connection.check(queue: queues.dead)
            _ = try connection.check(queue: queues.work)
        } catch  where error.kind == .topology {
            throw BrokerError(
                .topology, during: error.operation,
                "\(error.reason); run `millrace topology apply`", replyCode: error.replyCode)
        }
    }

    /// Shows how many events wait for a person, also those that the broker itself set aside.
    private func countDead() {
        attempt { connection throws(BrokerError) in
            metrics.set(
                "millrace_dead_letters", to: Double(try connection.check(queue: queues.dead)),
                help: "Events in the service's dead queue.")
        }
    }

    private func disconnect() {
        link?.watch.cancel()
        link = nil
        tag = ""
        ready = []
    }

    private func fail(_ error: BrokerError) {
        disconnect()
        status.down(error)
    }

    // MARK: Messages

    private func drain() {
        attempt { connection throws(BrokerError) in
            while let incoming = try connection.next() { try take(incoming) }
        }
    }

    private func take(_ incoming: Incoming) throws(BrokerError) {
        switch incoming {
        case .delivered(let arrival): hand(Delivery(arrival, on: connections))
        case .cancelled:
            throw BrokerError(
                .topology, during: "consume \(queues.work)", "the queue has been deleted")
        case .blocked(let reason):
            log.warning("broker has an alarm", ["reason": reason])
        case .unblocked, .settled, .returned: break
        }
    }

    private func hand(_ delivery: Delivery) {
        if isStopped || admitted == 0 {
            // It was on its way when we cancelled.
            reject(delivery, requeue: true)
        } else if takers.isEmpty {
            ready.append(delivery)
        } else {
            takers.removeFirst().resume(returning: delivery)
        }
    }

    private func cancel() {
        guard !tag.isEmpty else { return }
        attempt { connection throws(BrokerError) in try connection.cancel(consumer: tag) }
        tag = ""
    }

    private func release() {
        cancel()
        while let delivery = ready.popFirst() { reject(delivery, requeue: true) }
        drain()
    }

    private func answer(
        _ delivery: Delivery, _ body: (RabbitConnection) throws(BrokerError) -> Void
    ) {
        guard holds(delivery) else {
            log.info("an answer came after the connection was lost; the event will come again")
            return
        }
        attempt(body)
    }

    private func attempt(_ body: (RabbitConnection) throws(BrokerError) -> Void) {
        guard let link else { return }
        do {
            try body(link.connection)
        } catch {
            fail(error)
        }
    }
}

extension Delivery {
    init(_ arrival: Incoming.Arrival, on connection: Int) {
        self.init(
            connection: connection, tag: arrival.tag, isRedelivered: arrival.isRedelivered,
            exchange: arrival.exchange, routingKey: arrival.routingKey, message: arrival.message)
    }
}
