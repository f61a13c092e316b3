import Foundation
import Kit
import Testing

@testable import Broker

/// What lies in the transformer's dead queue, for a test to look at and to send again.
struct DeadQueueLook: Sendable {
    private static let queue = ServiceQueues.dead(of: "transformer")
    let host: TestVirtualHost

    /// All of them; they stay.
    func list() async throws -> [DeadLetter] {
        let connection = try RabbitConnection(host.address, name: "look")
        defer { connection.close() }
        var letters: [DeadLetter] = []
        while let arrival = try connection.get(Self.queue) {
            letters.append(letter(arrival))
        }
        guard !letters.isEmpty else { return [] }
        // Who looks next shall find them.
        try connection.rejectAll()
        try await eventually(within: .seconds(30)) {
            try connection.check(queue: Self.queue) >= letters.count
        }
        return letters
    }

    func find(_ id: String) async throws -> [DeadLetter] { try await list().filter { $0.id == id } }

    /// Sends those that are wanted to where they came from, and returns them.
    func replay(where isWanted: (DeadLetter) -> Bool) async throws -> [DeadLetter] {
        let connection = try RabbitConnection(host.address, name: "replay")
        defer { connection.close() }
        var sent: [DeadLetter] = []
        while let arrival = try connection.get(Self.queue) {
            let letter = letter(arrival)
            guard isWanted(letter) else { continue }
            let message = DeadLetter.renewed(
                arrival.message, id: letter.id, replays: letter.replays + 1)
            try await host.post([message], to: letter.queue)
            try connection.acknowledge(arrival.tag)
            sent.append(letter)
        }
        return sent
    }

    private func letter(_ arrival: Incoming.Arrival) -> DeadLetter {
        DeadLetter(arrival.message, of: "transformer", routingKey: arrival.routingKey)
    }
}
