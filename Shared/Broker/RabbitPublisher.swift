public import Events
import Lanes
public import Telemetry

/// Says events to the broker, each confirmed, over a connection and a lane of its own.
///
/// Any number of calls may be under way: their messages share one window of confirms. While the
/// connection is away they wait, and what was sent without an answer goes out again with the same
/// id, until a call's time is over.
public actor RabbitPublisher: EventPublisher {
    /// How long a call waits for its confirms before it throws.
    private let patience: Duration
    private let address: BrokerAddress
    private let name: String
    private let metrics: Metrics
    private let lane: Lane
    private let status: ConnectionStatus
    private let inbox: PublishInbox
    private var link: Link?
    private var window: ConfirmWindow
    private var isBlocked = false
    private var wasConnected = false

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        lane.asUnownedSerialExecutor()
    }

    /// - Parameters:
    ///   - name: The connection's name, as the broker shows it.
    ///   - patience: How long a call waits for its confirms before it throws.
    ///   - window: The most messages under way at once.
    public init(
        _ address: BrokerAddress, name: String, log: Log, metrics: Metrics = Metrics(),
        patience: Duration = .seconds(30), window: Int = 1000
    ) {
        self.address = address
        self.name = name
        self.metrics = metrics
        self.patience = patience
        self.window = ConfirmWindow(size: window)
        lane = Lane("publish")
        let status = ConnectionStatus(role: "publish", log: log, metrics: metrics)
        self.status = status
        inbox = PublishInbox(patience: patience) {
            let reason = status.problem.map { ": \($0)" } ?? ""
            return BrokerError(
                .timedOut, during: "publish", "no confirm within \(patience)\(reason)")
        }
    }

    /// Runs `body` with a publisher that is connected for as long.
    public static func with<Value: Sendable>(
        _ address: BrokerAddress, name: String, log: Log,
        _ body: @escaping @Sendable (RabbitPublisher) async throws -> Value
    ) async throws -> Value {
        let publisher = RabbitPublisher(address, name: name, log: log)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try await publisher.run()
                return nil
            }
            group.addTask { try await body(publisher) }
            defer { group.cancelAll() }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }

    /// Keeps the connection up until the task is cancelled. Nothing is published without it:
    /// before, calls wait; after, they fail at once.
    ///
    /// - Throws: `BrokerError` (refused) when the broker has never let us in and does not now: only
    ///   a person can mend a wrong password. Later the same counts as an outage.
    public func run() async throws {
        var backoff = Backoff(from: .milliseconds(500), upTo: .seconds(30))
        inbox.open()
        defer { inbox.close() }
        while !Task.isCancelled {
            let error = connect()
            if let error, error.kind == .refused, !wasConnected { throw error }
            let began = ContinuousClock.now
            while link != nil, await beat() { drain() }
            // One that breaks at once has a reason that the next one will meet, too.
            if began.duration(to: .now) > .seconds(10) { backoff.reset() }
            await pause(backoff.next())
        }
        link?.connection.close()
        disconnect()
    }

    public nonisolated func publish(_ events: [Event]) async throws {
        try await post(
            events.map { event in
                Posting(
                    CloudEvent.message(for: event), to: Topology.events,
                    routingKey: event.routingKey,
                    mayBeUnread: !ServiceQueues.haveReader(for: event.kind))
            })
        for (kind, count) in Dictionary(events.map { ($0.kind, 1.0) }, uniquingKeysWith: +) {
            metrics.add(
                count, to: "millrace_events_published_total", ["kind": kind.rawValue],
                help: "Events said and confirmed.")
        }
    }

    /// Sends messages and returns when the broker has confirmed all of them.
    ///
    /// - Throws: `BrokerError`; any of them may then have arrived or not.
    public nonisolated func post(_ postings: [Posting]) async throws {
        guard !postings.isEmpty else { return }
        for posting in postings { try posting.check() }
        let began = ContinuousClock.now
        let call = PublishCall(postings.count, until: began + patience)
        try await call.wait {
            guard inbox.add(postings, for: call) else { return }
            lane.post { self.assumeIsolated { $0.takeIn() } }
        }
        metrics.observe(
            began.duration(to: .now), in: "millrace_publish_seconds",
            help: "From the send to the broker's confirm.")
    }

    /// True while events can be said.
    public nonisolated var isConnected: Bool { status.isUp }

    private func takeIn() {
        for (call, postings) in inbox.takeAll() { window.add(postings, for: call) }
        send()
    }

    // MARK: Connection

    private func connect() -> BrokerError? {
        do {
            let connection = try RabbitConnection(address, name: name)
            try connection.confirmPublishing()
            let watch = lane.watch(connection.descriptor) { [weak self] in
                self?.assumeIsolated { $0.drain() }
            }
            link = Link(connection: connection, watch: watch)
            wasConnected = true
            status.up()
            send()
            return nil
        } catch {
            status.down(error)
            return error
        }
    }

    private func disconnect() {
        link?.watch.cancel()
        link = nil
        isBlocked = false
        window.restart()
    }

    private func fail(_ error: BrokerError) {
        if let exchange = error.refusedExchange {
            for item in window.remove(to: exchange) { item.call.answer(error) }
        }
        disconnect()
        status.down(error)
    }

    // MARK: Messages

    private func send() {
        guard !isBlocked, window.hasNext, let connection = link?.connection else { return }
        connection.cork()
        defer { connection.uncork() }
        while let item = window.next() {
            do {
                try connection.publish(item.posting)
                window.wasSent(item)
            } catch  where error.kind == .unsendable {
                item.call.answer(error)
                return fail(error)
            } catch {
                window.putBack(item)
                return fail(error)
            }
        }
    }

    /// Takes in everything that the broker has told us.
    private func drain() {
        do {
            while let incoming = try link?.connection.next() { take(incoming) }
        } catch {
            fail(error)
        }
        send()
    }

    private func take(_ incoming: Incoming) {
        switch incoming {
        case .settled(let tag, let multiple, let isKept):
            for settled in window.settle(tag: tag, multiple: multiple, isKept: isKept) {
                settle(settled)
            }
        case .returned(let id, let exchange, let routingKey):
            window.bounce(id: id, exchange: exchange, routingKey: routingKey)
        case .blocked(let reason):
            isBlocked = true
            status.down(
                BrokerError(.full, during: "publish", "the broker has an alarm: \(reason)"))
        case .unblocked:
            isBlocked = false
            status.up()
        case .delivered, .cancelled: break  // we consume nothing here
        }
    }

    private func settle(_ settled: ConfirmWindow.Settled) {
        let posting = settled.item.posting
        switch settled.outcome {
        case .kept: settled.item.call.answer(nil)
        case .unread where posting.mayBeUnread:
            metrics.add(
                to: "millrace_events_unread_total", ["exchange": posting.exchange],
                help: "Events that nobody was bound for, and need not be.")
            settled.item.call.answer(nil)
        case .unread:
            settled.item.call.answer(
                BrokerError(
                    .unroutable, during: "publish \(posting.message.id)",
                    "no queue is bound to \(posting.exchange) for `\(posting.routingKey)`; "
                        + "run `millrace topology apply`", replyCode: 312))
        case .refused:
            settled.item.call.answer(
                BrokerError(
                    .full, during: "publish \(posting.message.id)",
                    "a queue for `\(posting.routingKey)` is full"))
        }
    }
}
