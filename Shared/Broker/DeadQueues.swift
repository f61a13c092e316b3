import Foundation
import Lanes

/// The dead queues of all services, emptied by whoever keeps letters elsewhere.
///
/// It asks how many messages there are and takes them one by one, instead of being handed them:
/// so what it holds at a time has a limit in bytes, and not only in messages.
public actor DeadQueues {
    /// What was taken and has no answer yet.
    public struct Taken: Sendable {
        public let letter: DeadLetter
        fileprivate let tag: UInt64
    }

    private let address: BrokerAddress
    private let lane = Lane("dead")
    private var connection: RabbitConnection?
    /// Where the next round begins, so that a full queue does not keep the others waiting.
    private var turn = 0

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        lane.asUnownedSerialExecutor()
    }

    public init(_ address: BrokerAddress) {
        self.address = address
    }

    /// Takes what is there, up to a limit; it stays the broker's until it is acknowledged.
    ///
    /// - Parameter limitBytes: No more is taken once the bodies have so many; the last one counts
    ///   whole.
    /// - Throws: `BrokerError`; everything without an answer is then in its queue again.
    public func take(limit: Int = 500, limitBytes: Int = 4 << 20) throws -> [Taken] {
        try attempt { connection throws(BrokerError) in
            var taken: [Taken] = []
            var bytes = 0
            let queues = Self.queues
            turn += 1
            for offset in queues.indices {
                let (queue, service) = queues[(turn + offset) % queues.count]
                var rest = min(try connection.check(queue: queue), limit - taken.count)
                while rest > 0, bytes < limitBytes, let arrival = try connection.get(queue) {
                    let letter = DeadLetter(
                        arrival.message, of: service, routingKey: arrival.routingKey)
                    taken.append(Taken(letter: letter, tag: arrival.tag))
                    bytes += arrival.message.body.count
                    rest -= 1
                }
            }
            return taken
        }
    }

    /// They are kept elsewhere: the broker may forget them.
    public func acknowledge(_ taken: [Taken]) throws {
        try attempt { connection throws(BrokerError) in
            for one in taken { try connection.acknowledge(one.tag) }
        }
    }

    /// Everything without an answer goes back to its queue.
    public func giveBack() throws {
        guard connection != nil else { return }
        try attempt { connection throws(BrokerError) in try connection.rejectAll() }
    }

    /// Ends the connection, which gives back what has no answer. The next call opens another.
    public func close() {
        connection?.close()
        connection = nil
    }

    /// Those of the queues that are not there.
    public static func missing(
        _ names: Set<String>, at address: BrokerAddress
    ) async throws -> [String] {
        try await Lane("dead").run {
            try names.sorted().filter { name in
                // A connection of its own each: the answer that there is none ends it.
                let connection = try RabbitConnection(address, name: "millrace dead letters")
                do throws(BrokerError) {
                    _ = try connection.check(queue: name)
                    connection.close()
                    return false
                } catch {
                    guard error.kind == .topology else { throw error }
                    return true
                }
            }
        }
    }

    private static let queues: [(name: String, service: String)] =
        [(Topology.unrouted, DeadLetter.unrouted)]
        + ServiceQueues.services.map { (ServiceQueues.dead(of: $0), $0) }

    private func attempt<Value>(
        _ body: (RabbitConnection) throws(BrokerError) -> Value
    ) throws(BrokerError) -> Value {
        do throws(BrokerError) {
            let open = try connect()
            return try body(open)
        } catch {
            connection = nil
            throw error
        }
    }

    private func connect() throws(BrokerError) -> RabbitConnection {
        if let connection { return connection }
        let new = try RabbitConnection(address, name: "millrace dead letters")
        connection = new
        return new
    }
}
