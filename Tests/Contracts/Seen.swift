import Kit
import Testing

@testable import Broker

/// What some takers were handed.
actor Seen {
    private(set) var ids: [String] = []
    func add(_ id: String) { ids.append(id) }
}

extension TestVirtualHost {
    /// Messages in a service's queue that nobody has been handed.
    func ready(_ service: String) throws -> Int {
        let queue = try #require(ServiceQueues.of(service, host: "here")).work
        return try RabbitConnection(address, name: "count").check(queue: queue)
    }
}
