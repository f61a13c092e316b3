import Foundation
import Processes

/// A RabbitMQ node of our own: in one folder, on loopback only, with a port mapper of its own so
/// that no other node of the host is touched.
public struct PrivateBroker: RunningPart {
    /// What a node is started with.
    public struct Settings: Sendable {
        /// The node's folder.
        public var folder: String
        /// The file for its messages.
        public var log: String
        /// By name: see `portNames`.
        public var ports: [String: Int]
        public var password: String
        /// Made on the first start, with all rights for the user.
        public var virtualHost: String
        /// Publishers are blocked when less is free.
        public var freeDiskBytes: Int

        public init(
            folder: String, log: String, ports: [String: Int], password: String,
            virtualHost: String = "/", freeDiskBytes: Int = 200_000_000
        ) {
            self.folder = folder
            self.log = log
            self.ports = ports
            self.password = password
            self.virtualHost = virtualHost
            self.freeDiskBytes = freeDiskBytes
        }

        func port(_ name: String) -> Int { ports[name] ?? 0 }
    }

    /// The ports that a node needs.
    public static let portNames = ["amqp", "management", "prometheus", "distribution", "mapper"]
    /// The name of its administrator; services log in as users of their own.
    public static let user = "millrace"

    private let settings: Settings
    private let mapper: ServerProcess
    private let node: ServerProcess

    /// Starts a node and returns when it takes connections.
    ///
    /// - Throws: `StackError`; nothing is left running then.
    public static func start(_ settings: Settings) async throws -> PrivateBroker {
        let script = try ServerPrograms.broker()
        try prepare(settings)
        let mapper = try await startMapper(settings)
        do {
            let node = try await startNode(script, settings)
            return PrivateBroker(settings: settings, mapper: mapper, node: node)
        } catch {
            _ = await mapper.child.stop()
            throw error
        }
    }

    public var processes: [ProcessIdentity] { [node.identity, mapper.identity] }

    /// `amqp://` URL without the password.
    public var url: String {
        let host = settings.virtualHost == "/" ? "" : settings.virtualHost
        return "amqp://\(Self.user)@127.0.0.1:\(settings.port("amqp"))/\(host)"
    }

    /// URL of the management API.
    public var api: String { "http://127.0.0.1:\(settings.port("management"))" }

    public func ended() async -> String {
        let ending = await node.ended()
        _ = await mapper.child.stop()
        return ending
    }

    public func stop() async {
        _ = await node.child.stop()
        _ = await mapper.child.stop()
    }

    /// Ends it at once, as a power cut would.
    public func kill() async {
        node.child.signal(SIGKILL)
        await stop()
    }

    private static func prepare(_ settings: Settings) throws {
        try FileManager.default.createDirectory(
            atPath: settings.folder, withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        try Secret.write(configuration(settings), to: "\(settings.folder)/rabbitmq.conf")
        try Secret.write(
            "[rabbitmq_management,rabbitmq_prometheus].", to: "\(settings.folder)/enabled_plugins")
    }

    private static func configuration(_ settings: Settings) -> String {
        """
        listeners.tcp.1 = 127.0.0.1:\(settings.port("amqp"))
        management.tcp.ip = 127.0.0.1
        management.tcp.port = \(settings.port("management"))
        prometheus.tcp.ip = 127.0.0.1
        prometheus.tcp.port = \(settings.port("prometheus"))
        default_user = \(user)
        default_pass = \(settings.password)
        default_vhost = \(settings.virtualHost)
        disk_free_limit.absolute = \(settings.freeDiskBytes)
        raft.wal_max_size_bytes = 64000000
        log.file = false
        log.console = true
        log.console.level = warning
        """
    }

    private static func startMapper(_ settings: Settings) async throws -> ServerProcess {
        let port = settings.port("mapper")
        // In the foreground, as our child: as a daemon it would outlive the node.
        let command = Command(
            "epmd", ["-port", "\(port)", "-address", "127.0.0.1"],
            environment: environment(settings), output: .file(settings.log),
            errorOutput: .file(settings.log), stopGrace: .seconds(1))
        let mapper = try await ServerProcess.start(
            "the broker's port mapper", command, log: settings.log)
        do {
            try await mapper.waitUntil(.seconds(10)) { Port.isOpen(port) }
        } catch {
            _ = await mapper.child.stop()
            throw error
        }
        return mapper
    }

    private static func startNode(
        _ script: String, _ settings: Settings
    ) async throws -> ServerProcess {
        let command = Command(
            script, environment: environment(settings), directory: settings.folder,
            output: .file(settings.log), errorOutput: .file(settings.log),
            stopGrace: .seconds(20))
        let node = try await ServerProcess.start("the broker", command, log: settings.log)
        do {
            // Its listeners open at the very end of its start, the management one among them.
            try await node.waitUntil(.seconds(120)) {
                Port.isOpen(settings.port("amqp")) && Port.isOpen(settings.port("management"))
            }
        } catch {
            _ = await node.child.stop()
            throw error
        }
        return node
    }

    /// Everything the node would else look for in /etc/rabbitmq and /var/lib/rabbitmq.
    private static func environment(_ settings: Settings) -> [String: String] {
        let folder = settings.folder
        return [
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "LANG": "C.UTF-8",
            // Of the Erlang cookie.
            "HOME": folder,
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": "\(settings.port("mapper"))",
            "RABBITMQ_NODENAME": "millrace@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": "\(settings.port("amqp"))",
            "RABBITMQ_DIST_PORT": "\(settings.port("distribution"))",
            "RABBITMQ_MNESIA_BASE": "\(folder)/mnesia",
            "RABBITMQ_LOG_BASE": "\(folder)/log",
            "RABBITMQ_PID_FILE": "\(folder)/pid",
            "RABBITMQ_CONFIG_FILE": "\(folder)/rabbitmq.conf",
            "RABBITMQ_CONFIG_FILES": "\(folder)/conf.d",
            "RABBITMQ_ADVANCED_CONFIG_FILE": "\(folder)/advanced.config",
            "RABBITMQ_CONF_ENV_FILE": "\(folder)/rabbitmq-env.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": "\(folder)/enabled_plugins",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "-kernel inet_dist_use_interface {127,0,0,1} -start_epmd false",
            // The script then becomes the node instead of waiting for it as its parent, so that
            // our signals and the orphan signal reach the node. The arguments give back what
            // the script leaves out in this mode: no shell on standard input.
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_SERVER_START_ARGS": "-noinput +B i",
        ]
    }
}
