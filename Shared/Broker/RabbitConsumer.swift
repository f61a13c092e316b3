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
    private let desk = DeliveryDesk()
    private var unanswered = UnansweredTags()
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
        desk.admit(prefetch)
        status = ConnectionStatus(role: "consume", log: log, metrics: metrics)
    }

    /// Keeps the connection up until the task is cancelled.
    ///
    /// - Throws: `BrokerError` (topology, refused) when what the service needs is not there on the
    ///   first connection, or not for this user; later the same counts as an outage.
    public func run() async throws {
        var backoff = Backoff(from: .milliseconds(500), upTo: .seconds(30))
        while !Task.isCancelled {
            try connect()
            let began = ContinuousClock.now
            while link != nil, await beat() { drain() }
            if began.duration(to: .now) > .seconds(10) { backoff.reset() }
            await pause(backoff.next())
        }
        await stop()
        link?.connection.close()
        disconnect()
    }

    /// Waits for the next message; nil after `stop`, or when the task is cancelled.
    public nonisolated func next() async -> Delivery? {
        await desk.next()
    }

    /// The message is dealt with, its outputs are confirmed.
    public nonisolated func acknowledge(_ delivery: Delivery) async {
        answer(delivery, .done)
    }

    /// The message is not dealt with: back to the queue, or to its dead letters.
    public nonisolated func reject(_ delivery: Delivery, requeue: Bool) async {
        answer(delivery, requeue ? .again : .dead)
    }

    /// True while the answer to a delivery still counts.
    public nonisolated func holds(_ delivery: Delivery) async -> Bool { desk.holds(delivery) }

    /// True while messages can come.
    public nonisolated var isConnected: Bool { status.isUp }

    /// Takes nothing more and gives back what nobody has taken yet. What is in hand can still be
    /// answered.
    public nonisolated func stop() async {
        // Nobody waits any more, even while the lane is stuck with a broker that does not answer.
        let left = desk.stop()
        await release(left)
    }

    /// Changes how many messages may be ours at a time; 0 asks for none. What nobody has taken
    /// yet goes back when there shall be fewer. What is in hand does not count: for one at a time
    /// in a strict sense, ask for none first and wait for its answers.
    public func admit(_ count: Int) {
        guard count != admitted else { return }
        if count < admitted { release(desk.pause()) } else { cancel() }
        admitted = count
        desk.admit(count)
        if count > 0 { desk.resume() }
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
            unanswered = UnansweredTags()
            desk.open(connections)
            let watch = lane.watch(connection.descriptor) { [weak self] in
                self?.assumeIsolated { $0.drain() }
            }
            link = Link(connection: connection, watch: watch)
            status.up()
            drain()
        } catch {
            let isForPerson = error.kind == .topology || error.kind == .refused
            if isForPerson, connections == 0 { throw error }
            status.down(error)
        }
    }

    /// A message that came after the stop would go back at once, and the broker counts that until
    /// it sets the message aside.
    private func consume(over connection: RabbitConnection) throws(BrokerError) {
        guard admitted > 0, !desk.isStopped else { return }
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

    private func disconnect() {
        link?.watch.cancel()
        link = nil
        tag = ""
        desk.lose()
    }

    private func fail(_ error: BrokerError) {
        disconnect()
        status.down(error)
    }

    // MARK: Messages

    private func drain() {
        attempt { connection throws(BrokerError) in
            var arrived: [Delivery] = []
            while let incoming = try connection.next() {
                if case .delivered(let arrival) = incoming {
                    arrived.append(Delivery(arrival, on: connections))
                    // Its takers shall not wait until all have come.
                    guard arrived.count == Self.handful else { continue }
                    try hand(&arrived, over: connection)
                } else {
                    try take(incoming)
                }
            }
            try hand(&arrived, over: connection)
        }
    }

    private static let handful = 32

    private func take(_ incoming: Incoming) throws(BrokerError) {
        switch incoming {
        case .cancelled:
            throw BrokerError(
                .topology, during: "consume \(queues.work)", "the queue has been deleted")
        case .blocked(let reason):
            log.warning("broker has an alarm", ["reason": reason])
        case .delivered, .unblocked, .settled, .returned: break
        }
    }

    private func hand(
        _ arrived: inout [Delivery], over connection: RabbitConnection
    ) throws(BrokerError) {
        guard !arrived.isEmpty else { return }
        for delivery in arrived { unanswered.add(delivery.tag) }
        if !desk.put(arrived) {
            // They were on their way when we cancelled.
            try say(arrived.map { .init($0, .again) }, over: connection)
        }
        // Else the broker, who sends no more than we may have, would wait for the end of the rush.
        try say(desk.takeAnswers(ifEnough: true), over: connection)
        arrived.removeAll(keepingCapacity: true)
    }

    private func cancel() {
        guard !tag.isEmpty else { return }
        attempt { connection throws(BrokerError) in try connection.cancel(consumer: tag) }
        tag = ""
    }

    private func release(_ left: [Delivery]) {
        cancel()
        attempt { connection throws(BrokerError) in
            let given = left.map { DeliveryDesk.Answer($0, .again) }
            try say(desk.takeAnswers() + given, over: connection)
        }
        drain()
    }

    private nonisolated func answer(_ delivery: Delivery, _ verdict: DeliveryDesk.Answer.Verdict) {
        switch desk.take(.init(delivery, verdict)) {
        case .first: lane.post(after: Self.patience) { self.assumeIsolated { $0.sayAnswers() } }
        case .enough: lane.post { self.assumeIsolated { $0.sayAnswers() } }
        case .later: break
        case .void:
            log.info("an answer came after the connection was lost; the event will come again")
        }
    }

    /// How long an answer may wait for others to be said with it.
    private static let patience = Duration.milliseconds(5)

    private func sayAnswers() {
        attempt { connection throws(BrokerError) in
            try say(desk.takeAnswers(), over: connection)
        }
    }

    private func say(
        _ answers: [DeliveryDesk.Answer], over connection: RabbitConnection
    ) throws(BrokerError) {
        for word in unanswered.words(for: answers) {
            switch word {
            case .acknowledge(let tag, let all): try connection.acknowledge(tag, all: all)
            case .reject(let tag, let requeue): try connection.reject(tag, requeue: requeue)
            }
        }
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
