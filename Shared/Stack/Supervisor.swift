import Broker
import Foundation
import Postgres
import Warehouse

/// Starts a stack, keeps it alive and stops it; the parent of all its processes.
public final class Supervisor: Sendable {
    private let plan: StackPlan
    private let report: @Sendable (StackEvent) -> Void
    private let writeLine: @Sendable ([UInt8]) -> Void
    private let record: StateRecord
    private let lock: StackLock
    private let parts = PartList()

    /// Takes charge of the plan's folder.
    ///
    /// - Parameters:
    ///   - report: Told of everything that happens to the stack.
    ///   - writeLine: Gets each log line of each service.
    /// - Returns: Nil when another supervisor has the folder.
    /// - Throws: `StackError` when the plan does not fit together.
    public static func takeCharge(
        _ plan: StackPlan, report: @escaping @Sendable (StackEvent) -> Void,
        writeLine: @escaping @Sendable ([UInt8]) -> Void
    ) throws -> Supervisor? {
        try plan.check()
        try plan.folder.prepare()
        guard let lock = try StackLock.take(plan.folder) else { return nil }
        guard let identity = ProcessIdentity.current else {
            throw StackError("/proc is not readable; a stack cannot be supervised without it")
        }
        return Supervisor(plan, lock, identity, report, writeLine)
    }

    private init(
        _ plan: StackPlan, _ lock: StackLock, _ identity: ProcessIdentity,
        _ report: @escaping @Sendable (StackEvent) -> Void,
        _ writeLine: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.plan = plan
        self.lock = lock
        self.report = report
        self.writeLine = writeLine
        record = StateRecord(plan.folder, supervisor: identity)
    }

    /// Runs the stack until the first element of `stops`; the second one ends it at once.
    ///
    /// - Throws: `StackError` when it could not be started. Nothing of it runs then.
    public func run(until stops: AsyncStream<Int32>) async throws {
        let outcome = await withTaskGroup(of: Result<Void, any Error>.self) { group in
            group.addTask { await Result { try await self.live() } }
            group.addTask {
                for await _ in stops { break }
                return await Result { try await self.stop(orAtOnce: stops) }
            }
            let outcome = await group.next() ?? .success(())
            if case .failure = outcome {
                // It did not come up: what has come up already goes again.
                await self.parts.abandon()
            }
            group.cancelAll()
            await group.waitForAll()
            return outcome
        }
        try Leftovers.remove(plan.folder)
        try outcome.get()
    }

    private func live() async throws {
        let cleared = try await Leftovers.clear(plan.folder)
        if cleared > 0 { report(.cleared(processes: cleared)) }
        try record.change { _ in }
        let addresses = try await startServers()
        try record.change { $0.addresses = addresses }
        try await prepareServers(addresses)
        try await startServices(addresses)
        try record.change { $0.isReady = true }
        report(.up(addresses))
        try await parts.keepAlive()
    }

    /// Stops everything in order, or at once when one more stop signal comes.
    private func stop(orAtOnce stops: AsyncStream<Int32>) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await self.parts.stop() }
            group.addTask {
                for await _ in stops {
                    await self.parts.kill()
                    break
                }
                // Stopping ends soon now; it is what the group waits for.
                try await Task.sleep(for: .seconds(60))
            }
            try await group.next()
            group.cancelAll()
        }
    }

    private func startServers() async throws -> StackAddresses {
        let servers = try PrivateServers(plan)
        let addresses = servers.addresses
        for server in plan.servers {
            parts.add(
                SupervisedPart(
                    server, port: servers.port(server), record: record, report: report,
                    isHeld: { [hold = StackHold(server, in: plan.folder)] in hold.isInForce },
                    launch: { try await servers.start(server) }))
        }
        try await parts.start()
        return addresses
    }

    /// What the services expect to find: the broker's topology, the warehouse's system tables.
    private func prepareServers(_ addresses: StackAddresses) async throws {
        if plan.parts.contains(.broker) || plan.broker != nil {
            let broker = try addresses.broker(plan.environment)
            let api = ManagementAPI(url: addresses.brokerAPI, as: broker)
            let topology = TopologyAPI(
                .millrace(hosts: [addresses.host]), over: api, virtualHost: broker.virtualHost,
                passwords: addresses.brokerPasswords.map(PasswordFolder.init))
            _ = try await topology.apply()
        }
        if plan.parts.contains(.warehouse) || plan.warehouseURL != nil {
            let warehouse = try addresses.warehouse(plan.environment)
            let pool = PostgresPool(warehouse, size: 1, applicationName: "millrace-up")
            try await SystemSchema.migrate(pool)
        }
    }

    private func startServices(_ addresses: StackAddresses) async throws {
        let ports = try StackPorts.take(plan.services.map(\.rawValue), plan.folder)
        for service in plan.services {
            let log = try LogFile(plan.folder.log(service.rawValue))
            let writeLine = writeLine
            let port = ports[service.rawValue] ?? 0
            let program = ServiceProgram(
                part: service, path: plan.programs + "/" + service.program,
                environment: try plan.folder.withPersonalKey(
                    addresses.environment(of: service, inheriting: plan.environment), of: service),
                port: port
            ) { line in
                log.write(line)
                writeLine(line)
            }
            parts.add(
                SupervisedPart(
                    service, port: port, record: record, report: report,
                    isHeld: { [hold = StackHold(service, in: plan.folder)] in hold.isInForce },
                    launch: { try await program.start() }))
        }
        try await parts.start()
    }
}

extension Result where Failure == any Error {
    /// What an asynchronous call gives or throws.
    fileprivate init(_ body: () async throws -> Success) async {
        do {
            self = .success(try await body())
        } catch {
            self = .failure(error)
        }
    }
}
