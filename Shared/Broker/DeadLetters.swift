import Foundation
import Lanes

/// A service's dead queue, for a person to look at and to send through again.
public struct DeadLetters: Sendable {
    private let address: BrokerAddress
    private let queues: ServiceQueues
    private let lane = Lane("dead")

    public init(_ queues: ServiceQueues, at address: BrokerAddress) {
        self.address = address
        self.queues = queues
    }

    /// The oldest ones; all stay where they are.
    public func list(limit: Int = 1000) async throws -> [DeadLetter] {
        try await visit(limit: limit) { _, _ in nil }.map(\.letter)
    }

    /// Those with this event id; normally one.
    public func find(_ id: String) async throws -> [DeadLetter] {
        try await list(limit: .max).filter { $0.id == id }
    }

    /// Sends them to the service's work queue again, as a first attempt: each is taken away only
    /// after the broker has confirmed the copy.
    ///
    /// - Parameters:
    ///   - maximumReplays: One that was replayed so often is left alone: it comes back each time.
    ///   - isWanted: Which ones.
    /// - Returns: Those that were sent.
    public func replay(
        maximumReplays: Int = 2, where isWanted: @escaping @Sendable (DeadLetter) -> Bool
    ) async throws -> [DeadLetter] {
        let visited = try await visit(limit: .max) { letter, arrival in
            guard isWanted(letter), letter.replays < maximumReplays else { return nil }
            // A dead letter's routing key is the work queue that it was taken from.
            return Posting(
                Self.renewed(arrival.message), to: Topology.direct, routingKey: arrival.routingKey)
        }
        return visited.filter(\.isReplayed).map(\.letter)
    }

    /// As it was before it failed, but for the count of replays.
    static func renewed(_ message: Message) -> Message {
        var message = message
        let kept = [MillraceHeader.causation, MillraceHeader.replays]
        message.headers = message.headers.withoutBrokerMarks.filter { key, _ in
            !key.hasPrefix("millrace-") || kept.contains(key)
        }
        let replays = message.headers[MillraceHeader.replays]?.number ?? 0
        message.headers[MillraceHeader.replays] = .number(replays + 1)
        return message
    }

    private struct Visit: Sendable {
        let letter: DeadLetter
        let isReplayed: Bool
    }

    /// Takes each message that is in the queue now, sends it on if `route` says where, and gives
    /// all others back at the end.
    private func visit(
        limit: Int, _ route: @escaping @Sendable (DeadLetter, Incoming.Arrival) -> Posting?
    ) async throws -> [Visit] {
        let (address, queues) = (address, queues)
        return try await lane.run {
            let connection = try RabbitConnection(address, name: "millrace dead letters")
            defer { connection.close() }
            try connection.confirmPublishing()
            let count = min(limit, try connection.check(queue: queues.dead))
            var visits: [Visit] = []
            while visits.count < count, let arrival = try connection.get(queues.dead) {
                let letter = DeadLetter(arrival.message, of: queues.service)
                let posting = route(letter, arrival)
                if let posting {
                    try connection.publishAndWait(posting)
                    try connection.acknowledge(arrival.tag)
                }
                visits.append(Visit(letter: letter, isReplayed: posting != nil))
            }
            try giveBack(visits.count { !$0.isReplayed }, over: connection)
            return visits
        }
    }

    /// Gives back what stays, and waits until it is there: who looks next shall find it.
    private func giveBack(
        _ kept: Int, over connection: RabbitConnection
    ) throws(BrokerError) {
        guard kept > 0 else { return }
        try connection.rejectAll()
        let deadline = ContinuousClock.now + .seconds(2)
        while try connection.check(queue: queues.dead) < kept, .now < deadline {
            // No event tells; the lane is this tool's own and may wait.
            usleep(2000)
        }
    }
}

extension RabbitConnection {
    /// Publishes one message and blocks until it is confirmed. For tools; services use windows.
    func publishAndWait(_ posting: Posting) throws(BrokerError) {
        try posting.check()
        let tag = try publish(posting)
        while let incoming = try next(withinMilliseconds: 5_000) {
            if case .returned = incoming {
                throw BrokerError(
                    .unroutable, during: "publish \(posting.message.id)",
                    "nothing is bound to \(posting.exchange) for `\(posting.routingKey)`; "
                        + "run `millrace topology apply`")
            }
            guard case .settled(let upTo, let multiple, let isKept) = incoming,
                upTo == tag || multiple && upTo > tag
            else { continue }
            if isKept { return }
            throw BrokerError(
                .full, during: "publish \(posting.message.id)",
                "the queue for `\(posting.routingKey)` is full")
        }
        throw BrokerError(.timedOut, during: "publish \(posting.message.id)", "no confirm came")
    }
}
