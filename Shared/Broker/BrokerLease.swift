import Foundation
import Lanes
public import Telemetry

/// The right to do what only one process may do, whatever host it runs on: to be the one consumer
/// that a queue with a single active consumer has.
///
/// Who comes up puts a token into the queue; the active consumer keeps one unanswered and takes the
/// others away. When its process dies or stands still, the broker closes its connection after at
/// most two missed heartbeats and gives the token to the next.
public actor BrokerLease {
    private let address: BrokerAddress
    private let name: String
    private let lane: Lane
    private let status: ConnectionStatus
    private let log: Log
    private let metrics: Metrics
    private var connection: RabbitConnection?
    /// The token in hand.
    private var token: UInt64?

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        lane.asUnownedSerialExecutor()
    }

    /// Two of them are well below ten seconds.
    private static let heartbeatSeconds: Int32 = 3

    /// - Parameter name: The connection's name, as the broker shows it.
    public init(_ address: BrokerAddress, name: String, log: Log, metrics: Metrics) {
        self.address = address
        self.name = name
        self.log = log
        self.metrics = metrics
        lane = Lane("lease")
        status = ConnectionStatus(role: "lease", log: log, metrics: metrics)
    }

    /// Stands in line until the task is cancelled.
    public func run() async {
        var backoff = Backoff(from: .milliseconds(500), upTo: .seconds(5))
        while !Task.isCancelled {
            connect()
            while connection != nil, await beat() {
                attempt { connection throws(BrokerError) in try drain(connection) }
                backoff.reset()
            }
            await pause(backoff.next())
        }
        connection?.close()
        letGo()
    }

    /// True when the broker says now that this is the one who holds it.
    public func isHeld() -> Bool {
        attempt { connection throws(BrokerError) in
            // A connection that the broker has closed, while this process stood still, ends here.
            _ = try connection.check(queue: Topology.schedule)
            try drain(connection)
        }
        return token != nil
    }

    private func connect() {
        var limits = RabbitHandle.Limits()
        limits.heartbeatSeconds = Self.heartbeatSeconds
        do {
            let connection = try RabbitConnection(address, name: name, limits: limits)
            _ = try connection.check(queue: Topology.schedule)
            try connection.publish(
                Posting(
                    Message(id: UUID().uuidString, body: Data("{}".utf8)), to: Topology.events,
                    routingKey: Topology.scheduleKey))
            _ = try connection.consume(Topology.schedule, prefetch: 100)
            self.connection = connection
            status.up()
        } catch {
            status.down(error)
        }
    }

    private func drain(_ connection: RabbitConnection) throws(BrokerError) {
        while let incoming = try connection.next() {
            switch incoming {
            case .delivered(let arrival):
                if let token { try connection.acknowledge(token) }
                hold(arrival.tag)
            case .cancelled:
                throw BrokerError(
                    .topology, during: "consume \(Topology.schedule)", "the queue has been deleted")
            case .blocked, .unblocked, .settled, .returned: break
            }
        }
    }

    private func hold(_ tag: UInt64) {
        if token == nil { log.info("this host schedules now") }
        token = tag
        tell()
    }

    private func attempt(_ body: (RabbitConnection) throws(BrokerError) -> Void) {
        guard let connection else { return }
        do {
            try body(connection)
        } catch {
            letGo()
            status.down(error)
        }
    }

    private func letGo() {
        if token != nil { log.info("this host schedules no more") }
        connection = nil
        token = nil
        tell()
    }

    private func tell() {
        metrics.set(
            "millrace_schedule_held", to: token == nil ? 0 : 1,
            help: "1 on the one host that says when runs are due.")
    }
}
