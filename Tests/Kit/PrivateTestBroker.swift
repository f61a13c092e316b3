import Broker
import Foundation
import Glibc
import Processes
import Stack
import Synchronization

/// A broker of one test's own, for what nobody else may suffer from: its end, its alarms, its
/// standstill.
public final class PrivateTestBroker: Sendable {
    public let host: TestVirtualHost
    private let settings: PrivateBroker.Settings
    private let node: Mutex<PrivateBroker>

    fileprivate init(_ node: PrivateBroker, _ settings: PrivateBroker.Settings) throws {
        self.settings = settings
        self.node = Mutex(node)
        let user = PrivateBroker.user
        let url = node.url.replacing("\(user)@", with: "\(user):\(settings.password)@")
        let address = try BrokerAddress(url: url)
        host = TestVirtualHost(
            address: address, api: ManagementAPI(url: node.api, as: address), url: url)
    }

    /// Ends it as a power cut would.
    public func kill() async { await running.kill() }

    /// Starts it again, with what it had on disk.
    public func start() async throws {
        let node = try await PrivateBroker.start(settings)
        self.node.withLock { $0 = node }
    }

    /// Stands still: it keeps its connections and says nothing.
    public func freeze() { signal(SIGSTOP) }

    public func thaw() { signal(SIGCONT) }

    /// Calls `rabbitmqctl` for this node, and returns what it says.
    @discardableResult
    public func control(_ words: String...) async throws -> String {
        let result = try await Processes.run(
            Command(
                "/usr/lib/rabbitmq/bin/rabbitmqctl",
                ["--node", "millrace@localhost", "--quiet"] + words,
                environment: [
                    "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", "LANG": "C.UTF-8",
                    "HOME": settings.folder, "ERL_EPMD_ADDRESS": "127.0.0.1",
                    "ERL_EPMD_PORT": "\(settings.ports["mapper"] ?? 0)",
                    "RABBITMQ_CONF_ENV_FILE": "\(settings.folder)/rabbitmq-env.conf",
                    "RABBITMQ_CTL_ERL_ARGS":
                        "-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false",
                ],
                timeLimit: .seconds(90)))
        guard result.isSuccess else { throw ControlError(text: result.text + result.errorText) }
        return result.text
    }

    fileprivate func end() async {
        thaw()
        await running.kill()
    }

    private var running: PrivateBroker { node.withLock { $0 } }

    private func signal(_ number: Int32) {
        // The node itself, not its port mapper; a child of the node's has nothing to say.
        running.processes.first?.signalAlone(number)
    }
}

/// What `rabbitmqctl` complained about.
public struct ControlError: Error {
    public let text: String
}

/// Runs `body` with a private broker that has the topology, and ends it afterwards.
public func withPrivateBroker<Value: Sendable>(
    _ body: (PrivateTestBroker) async throws -> Value
) async throws -> Value {
    let root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NSTemporaryDirectory()
    let folder = "\(root)/millrace-broker-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    let outcome: Result<Value, any Error>
    do { outcome = .success(try await run(folder, body)) } catch { outcome = .failure(error) }
    try FileManager.default.removeItem(atPath: folder)
    return try outcome.get()
}

private func run<Value: Sendable>(
    _ folder: String, _ body: (PrivateTestBroker) async throws -> Value
) async throws -> Value {
    let ports = try Port.free(PrivateBroker.portNames.count)
    let settings = PrivateBroker.Settings(
        folder: folder + "/broker", log: folder + "/broker.log",
        ports: Dictionary(uniqueKeysWithValues: zip(PrivateBroker.portNames, ports)),
        password: UUID().uuidString, freeDiskBytes: 50_000_000)
    let broker = try PrivateTestBroker(try await PrivateBroker.start(settings), settings)
    let outcome: Result<Value, any Error>
    do {
        let topology = Topology.millrace(hosts: ["here"])
        _ = try await TopologyAPI(topology, over: broker.host.api, virtualHost: broker.host.name)
            .apply()
        outcome = .success(try await body(broker))
    } catch {
        outcome = .failure(error)
    }
    await broker.end()
    return try outcome.get()
}
