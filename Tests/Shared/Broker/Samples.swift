import Events
import Foundation
import Kit
import Telemetry
import Testing

@testable import Broker

let quiet = Log(service: "test", threshold: .error, form: .text)

func landed(_ id: String, pipeline: String = "p") throws -> Event {
    try Event(
        ObjectLanded(
            pipeline: pipeline, revision: "r", dataset: "d", object: "landing/\(id)", bytes: 1,
            sha256: nil, times: [.landed: Date(timeIntervalSince1970: 1)]),
        id: id, from: "/millrace/test/here")
}

/// The queues of the transformer, which takes `object.landed`.
func transformer() throws -> ServiceQueues {
    try #require(ServiceQueues.of("transformer", host: "here"))
}

/// Runs `body` with a publisher that is connected.
func publishing<Value: Sendable>(
    to address: BrokerAddress, _ body: @escaping @Sendable (RabbitPublisher) async throws -> Value
) async throws -> Value {
    try await RabbitPublisher.with(address, name: "test", log: quiet) { publisher in
        try await eventually(within: .seconds(60)) { publisher.isConnected }
        return try await body(publisher)
    }
}

extension TestVirtualHost {
    /// Messages in a queue that nobody has been handed.
    func ready(_ queue: String) throws -> Int {
        try RabbitConnection(address, name: "count").check(queue: queue)
    }
}
