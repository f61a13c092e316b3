import Broker
import Foundation
import Stack
import Telemetry

/// A broker of the benchmark's own, with Millrace's topology.
struct BenchBroker: Sendable {
    let address: BrokerAddress
    let queues: ServiceQueues
    let log = Log(service: "bench", threshold: .error, form: .text)
    /// For a program that reads it from its environment.
    let urlWithPassword: String

    /// Starts it in a folder of its own and ends it behind `body`, whatever happens.
    static func with<Value: Sendable>(
        _ body: (BenchBroker) async throws -> Value
    ) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.path + "/millrace-bench-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await run(folder, body)) } catch { outcome = .failure(error) }
        try FileManager.default.removeItem(atPath: folder)
        return try outcome.get()
    }

    private static func run<Value: Sendable>(
        _ folder: String, _ body: (BenchBroker) async throws -> Value
    ) async throws -> Value {
        let ports = try Port.free(PrivateBroker.portNames.count)
        let password = try Secret.ensure(at: folder + "/password")
        let server = try await PrivateBroker.start(
            PrivateBroker.Settings(
                folder: folder + "/broker", log: folder + "/broker.log",
                ports: Dictionary(uniqueKeysWithValues: zip(PrivateBroker.portNames, ports)),
                password: password))
        let outcome: Result<Value, any Error>
        do {
            outcome = .success(try await body(try await prepare(server, password)))
        } catch {
            outcome = .failure(error)
        }
        await server.kill()
        return try outcome.get()
    }

    private static func prepare(
        _ server: PrivateBroker, _ password: String
    ) async throws -> BenchBroker {
        let address = try BrokerAddress(url: server.url, password: password)
        let api = ManagementAPI(url: server.api, as: address)
        let topology = Topology.millrace(hosts: ["here"])
        _ = try await TopologyAPI(topology, over: api, virtualHost: address.virtualHost).apply()
        guard let queues = ServiceQueues.of("transformer", host: "here") else {
            throw BenchError("the transformer has no queues")
        }
        let user = PrivateBroker.user
        let url = server.url.replacing("\(user)@", with: "\(user):\(password)@")
        return BenchBroker(
            address: address, queues: queues,
            // In a URL for the C library no path at all is the virtual host `/`.
            urlWithPassword: url.hasSuffix("/") ? String(url.dropLast()) : url)
    }
}
