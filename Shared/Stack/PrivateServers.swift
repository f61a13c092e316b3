import Foundation

/// The two servers of a stack: where they are, private or given, and how the private ones start.
final class PrivateServers: Sendable {
    private let plan: StackPlan
    private let ports: [String: Int]

    init(_ plan: StackPlan) throws {
        self.plan = plan
        var names: [String] = []
        if plan.servers.contains(.broker) { names += PrivateBroker.portNames }
        if plan.servers.contains(.warehouse) { names.append("warehouse") }
        ports = try StackPorts.take(names, plan.folder)
    }

    /// The port of a server's main listener.
    func port(_ server: StackPart) -> Int {
        ports[server == .broker ? "amqp" : "warehouse"] ?? 0
    }

    /// Where everything of the stack is, or will be.
    var addresses: StackAddresses {
        let folder = plan.folder
        let isBrokerPrivate = plan.servers.contains(.broker)
        let isWarehousePrivate = plan.servers.contains(.warehouse)
        return StackAddresses(
            brokerURL: plan.broker?.url
                ?? "amqp://\(PrivateBroker.user)@127.0.0.1:\(port(.broker))/millrace",
            brokerAPI: plan.broker?.api ?? "http://127.0.0.1:\(ports["management"] ?? 0)",
            warehouseURL: plan.warehouseURL
                ?? "postgres://\(PrivateWarehouse.user)@127.0.0.1:\(port(.warehouse))/millrace",
            brokerPasswordFile: isBrokerPrivate ? folder.secret("broker-password") : nil,
            brokerPasswords: isBrokerPrivate ? folder.secret("broker") : plan.brokerPasswords,
            warehousePasswordFile: isWarehousePrivate ? folder.secret("warehouse-password") : nil,
            lake: URL(filePath: folder.lake).absoluteString, spool: folder.spool,
            inbox: folder.inbox, scratch: folder.scratch, host: plan.host,
            engine: ServerPrograms.engine())
    }

    /// Starts one of the two and returns when it is ready.
    func start(_ server: StackPart) async throws -> any RunningPart {
        server == .broker ? try await startBroker() : try await startWarehouse()
    }

    private func startBroker() async throws -> PrivateBroker {
        try await PrivateBroker.start(
            PrivateBroker.Settings(
                folder: plan.folder.broker, log: plan.folder.log("broker"), ports: ports,
                password: Secret.ensure(at: plan.folder.secret("broker-password")),
                virtualHost: "millrace"))
    }

    private func startWarehouse() async throws -> PrivateWarehouse {
        try await PrivateWarehouse.start(
            PrivateWarehouse.Settings(
                folder: plan.folder.warehouse, log: plan.folder.log("warehouse"),
                port: port(.warehouse),
                password: Secret.ensure(at: plan.folder.secret("warehouse-password")),
                database: "millrace"))
    }
}
