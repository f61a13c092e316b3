import Broker
import Stack

/// The dead queues of all services, as the verbs `dead …` see them.
struct DeadLetterBox: Sendable {
    private let queues: [ServiceQueues]
    private let address: BrokerAddress

    /// - Parameter service: Only that one's; nil for all.
    /// - Throws: `CommandError` when there is no such service.
    init(_ context: StackContext, service: String?) throws {
        address = try context.broker()
        let all = ServiceQueues.all(hosts: [context.addresses.host])
        queues = service.map { name in all.filter { $0.service == name } } ?? all
        if let service, queues.isEmpty {
            throw CommandError(
                "no service `\(service)` takes events; those that do: "
                    + Set(all.map(\.service)).sorted().joined(separator: ", "), exit: .usage)
        }
    }

    /// The oldest letters of each service.
    func list(limit: Int) async throws -> [DeadLetter] {
        var letters: [DeadLetter] = []
        for queue in queues where letters.count < limit {
            letters += try await DeadLetters(queue, at: address)
                .list(limit: limit - letters.count)
        }
        return letters
    }

    /// Sends those on that are wanted, wherever they lie.
    func replay(_ isWanted: @escaping @Sendable (DeadLetter) -> Bool) async throws -> [DeadLetter] {
        var letters: [DeadLetter] = []
        for queue in queues {
            letters += try await DeadLetters(queue, at: address).replay(where: isWanted)
        }
        return letters
    }

    /// The option that all verbs of this noun have.
    static let option = Option.value("service", "NAME", "only that service's")
}
