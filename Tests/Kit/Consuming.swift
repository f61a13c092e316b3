public import Broker
import Foundation
public import Telemetry
import Testing

/// A log that says only what a person must look at.
public let quietLog = Log(service: "test", threshold: .error, form: .text)

/// Runs `body` with a consumer of a service's queue that is connected for as long.
///
/// - Parameter address: Another way to the virtual host, e.g. through a `TCPProxy`.
public func withConsumer<Value: Sendable>(
    of service: String = "transformer", on host: TestVirtualHost, by address: BrokerAddress? = nil,
    prefetch: Int = 50, _ body: @escaping @Sendable (RabbitConsumer) async throws -> Value
) async throws -> Value {
    let queues = try #require(ServiceQueues.of(service, host: "here"))
    let consumer = RabbitConsumer(
        address ?? host.address, queues: queues, prefetch: prefetch, name: "test", log: quietLog)
    return try await withThrowingTaskGroup(of: Value?.self) { group in
        group.addTask {
            try await consumer.run()
            return nil
        }
        group.addTask {
            try await eventually(within: .seconds(60)) { consumer.isConnected }
            return try await body(consumer)
        }
        defer { group.cancelAll() }
        while let value = try await group.next() {
            if let value { return value }
        }
        throw CancellationError()
    }
}

extension TestVirtualHost {
    /// The same virtual host over another port of this machine.
    public func address(over proxy: TCPProxy) throws -> BrokerAddress {
        var parts = try #require(URLComponents(string: url))
        parts.port = proxy.port
        return try BrokerAddress(url: try #require(parts.string))
    }

    /// Runs `body` with a proxy in front of the broker, which is ended afterwards.
    public func withProxy<Value>(
        _ body: (TCPProxy, BrokerAddress) async throws -> Value
    ) async throws -> Value {
        let proxy = try TCPProxy(to: address.port)
        defer { proxy.close() }
        return try await body(proxy, try address(over: proxy))
    }
}
