public import Broker
import Foundation
import Testing

/// The RabbitMQ server that tests may use: `MILLRACE_TEST_BROKER_URL` and
/// `MILLRACE_TEST_BROKER_API`.
public enum TestBroker {
    /// For `.enabled(if:)`.
    public static let isAvailable = url != nil && management != nil
    /// The word for a skipped suite.
    public static let missing = "needs MILLRACE_TEST_BROKER_URL and MILLRACE_TEST_BROKER_API"

    fileprivate static let environment = ProcessInfo.processInfo.environment
    /// Of the server, with user and password, with any virtual host.
    public static let url = environment["MILLRACE_TEST_BROKER_URL"]
    /// Of its management API.
    public static let management = environment["MILLRACE_TEST_BROKER_API"]
}

/// A virtual host of a test's own.
public struct TestVirtualHost: Sendable {
    public let address: BrokerAddress
    public let api: ManagementAPI
    /// `amqp://user:password@host:port/name`, for processes that read settings.
    public let url: String

    public var name: String { address.virtualHost }
}

/// Runs `body` with a new virtual host, which is dropped afterwards.
///
/// - Parameter hosts: The hosts with landers in its topology; nil leaves it empty.
@discardableResult
public func withVirtualHost<Value: Sendable>(
    hosts: [String]? = ["here"], _ body: (TestVirtualHost) async throws -> Value
) async throws -> Value {
    guard let server = TestBroker.url, let management = TestBroker.management,
        var parts = URLComponents(string: server)
    else {
        throw BrokerError(.refused, during: "find the test broker", TestBroker.missing)
    }
    let name = "test-\(UUID().uuidString.prefix(18).lowercased())"
    parts.path = "/\(name)"
    let address = try BrokerAddress(url: server).on(virtualHost: name)
    let api = ManagementAPI(url: management, as: address)
    try await api.createVirtualHost(name)
    do {
        if let hosts {
            let topology = Topology.millrace(hosts: hosts)
            _ = try await TopologyAPI(topology, over: api, virtualHost: name).apply()
        }
        let host = TestVirtualHost(address: address, api: api, url: parts.string ?? server)
        let value = try await body(host)
        try await api.deleteVirtualHost(name)
        return value
    } catch {
        try await api.deleteVirtualHost(name)
        throw error
    }
}

/// Breaks every connection to a virtual host as a network would, once the broker's statistics
/// know of one.
public func killConnections(of host: TestVirtualHost) async throws {
    var names: [String] = []
    try await eventually {
        names = try await host.api.connections(to: host.name)
        return !names.isEmpty
    }
    for name in names { try await host.api.closeConnection(name) }
}
