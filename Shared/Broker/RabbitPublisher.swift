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
    private var link: Link?
    private var window: ConfirmWindow
    private var calls: [Int: Call] = [:]
    private var lastCall = 0
    private var isBlocked = false

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
        status = ConnectionStatus(role: "publish", log: log, metrics: metrics)
    }

    /// Runs `body` with a publisher that is connected for as long.
    public static func with<Value: Sendable>(
        _ address: BrokerAddress, name: String, log: Log,
        _ body: @escaping @Sendable (RabbitPublisher) async throws -> Value
    ) async throws -> Value {
        let publisher = RabbitPublisher(address, name: name, log: log)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                await publisher.run()
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

    /// Keeps the connection up until the task is cancelled. Nothing is published without it.
    public func run() async {
        var backoff = Backoff(from: .milliseconds(500), upTo: .seconds(30))
        while !Task.isCancelled {
            connect()
            let began = ContinuousClock.now
            while link != nil, await beat() { drain() }
            // One that breaks at once has a reason that the next one will meet, too.
            if began.duration(to: .now) > .seconds(10) { backoff.reset() }
            await pause(backoff.next())
        }
        link?.connection.close()
        disconnect()
    }

    public func publish(_ events: [Event]) async throws {
        try await post(
            events.map { event in
                Posting(
                    CloudEvent.message(for: event), to: Topology.events,
                    routingKey: event.routingKey,
                    mayBeUnread: !ServiceQueues.haveReader(for: event.kind))
            })
        for event in events {
            metrics.add(
                to: "millrace_events_published_total", ["kind": event.kind.rawValue],
                help: "Events said and confirmed.")
        }
    }

    /// Sends messages and returns when the broker has confirmed all of them.
    ///
    /// - Throws: `BrokerError`; any of them may then have arrived or not.
    public func post(_ postings: [Posting]) async throws {
        guard !postings.isEmpty else { return }
        for posting in postings { try posting.check() }
        let began = ContinuousClock.now
        do {
            try await withTimeLimit(patience, for: "publish") { try await self.wait(for: postings) }
        } catch is TimeLimitExceeded {
            throw BrokerError(
                .timedOut, during: "publish",
                "no confirm within \(patience)\(isBlocked ? ": the broker has an alarm" : "")")
        }
        metrics.observe(
            began.duration(to: .now), in: "millrace_publish_seconds",
            help: "From the send to the broker's confirm.")
    }

    /// True while events can be said.
    public nonisolated var isConnected: Bool { status.isUp }

    private func wait(for postings: [Posting]) async throws {
        lastCall += 1
        let call = lastCall
        // `@Sendable`: a closure that inherits the lane's isolation loses it here
        // (swiftlang/swift#86083), so the call inside has to come back to the lane.
        try await withTaskCancellationHandler { @Sendable in
            try await self.submit(postings, for: call)
        } onCancel: {
            lane.post { self.assumeIsolated { $0.abandon(call) } }
        }
    }

    private func submit(_ postings: [Posting], for call: Int) async throws {
        try Task.checkCancellation()
        try await withCheckedThrowingContinuation { continuation in
            calls[call] = Call(open: postings.count, continuation: continuation)
            window.add(postings, for: call)
            send()
        }
    }

    private func abandon(_ call: Int) {
        window.abandon(call)
        calls.removeValue(forKey: call)?.continuation.resume(throwing: CancellationError())
    }

    // MARK: Connection

    private func connect() {
        do {
            let connection = try RabbitConnection(address, name: name)
            try connection.confirmPublishing()
            let watch = lane.watch(connection.descriptor) { [weak self] in
                self?.assumeIsolated { $0.drain() }
            }
            link = Link(connection: connection, watch: watch)
            status.up()
            send()
        } catch {
            status.down(error)
        }
    }

    private func disconnect() {
        link?.watch.cancel()
        link = nil
        isBlocked = false
        window.restart()
    }

    private func fail(_ error: BrokerError) {
        disconnect()
        status.down(error)
    }

    // MARK: Messages

    private func send() {
        guard !isBlocked, let connection = link?.connection else { return }
        while let item = window.next() {
            do {
                window.sent(item, as: try connection.publish(item.posting))
            } catch  where error.kind == .unsendable {
                finish(item.call, error)
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
        case .kept: finish(settled.item.call, nil)
        case .unread where posting.mayBeUnread:
            metrics.add(
                to: "millrace_events_unread_total", ["exchange": posting.exchange],
                help: "Events that nobody was bound for, and need not be.")
            finish(settled.item.call, nil)
        case .unread:
            finish(
                settled.item.call,
                BrokerError(
                    .unroutable, during: "publish \(posting.message.id)",
                    "no queue is bound to \(posting.exchange) for `\(posting.routingKey)`; "
                        + "run `millrace topology apply`", replyCode: 312))
        case .refused:
            finish(
                settled.item.call,
                BrokerError(
                    .full, during: "publish \(posting.message.id)",
                    "a queue for `\(posting.routingKey)` is full"))
        }
    }

    private func finish(_ call: Int, _ error: BrokerError?) {
        guard calls[call]?.answer(error) == true, let done = calls.removeValue(forKey: call) else {
            return
        }
        done.continuation.resume(with: done.error.map { .failure($0) } ?? .success(()))
    }
}
