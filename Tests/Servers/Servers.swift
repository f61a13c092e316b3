import Foundation
import Processes
import Stack

/// The two servers around one command.
enum Servers {
    /// - Returns: The command's exit code; 130 when a stop signal came, 1 when a server failed.
    static func run(
        _ command: [String], in folder: String, until stops: AsyncStream<Int32>
    ) async -> Int32 {
        await withTaskGroup(of: Int32.self) { group in
            group.addTask {
                do {
                    return try await serve(command, in: folder)
                } catch is CancellationError {
                    return 130
                } catch {
                    TestServers.say("\(error)")
                    return 1
                }
            }
            group.addTask {
                var signals = stops.makeAsyncIterator()
                _ = await signals.next()
                return 130
            }
            let first = await group.next() ?? 1
            group.cancelAll()
            await group.waitForAll()
            return first
        }
    }

    private static func serve(_ command: [String], in folder: String) async throws -> Int32 {
        let ports = try Port.free(PrivateBroker.portNames.count + 1)
        async let broker = startBroker(folder, Array(ports.dropLast()))
        async let warehouse = startWarehouse(folder, ports[ports.count - 1])
        let (brokerStart, warehouseStart) = await (broker, warehouse)
        let code = await Result {
            let environment = try environment(brokerStart.get(), warehouseStart.get())
            return try await call(command, environment.merging(passwords(folder)) { _, new in new })
        }
        // Nothing in them is worth a graceful end.
        if case .success(let broker) = brokerStart { await broker.kill() }
        if case .success(let warehouse) = warehouseStart { await warehouse.stop() }
        return try code.get()
    }

    private static func startBroker(
        _ folder: String, _ ports: [Int]
    ) async -> Result<PrivateBroker, any Error> {
        await Result {
            try await PrivateBroker.start(
                PrivateBroker.Settings(
                    folder: folder + "/broker", log: folder + "/broker.log",
                    ports: Dictionary(uniqueKeysWithValues: zip(PrivateBroker.portNames, ports)),
                    password: PrivateBroker.user, freeDiskBytes: 50_000_000))
        }
    }

    private static func startWarehouse(
        _ folder: String, _ port: Int
    ) async -> Result<PrivateWarehouse, any Error> {
        await Result {
            try await PrivateWarehouse.start(
                PrivateWarehouse.Settings(
                    folder: folder + "/warehouse", log: folder + "/warehouse.log", port: port,
                    password: Secret.ensure(at: folder + "/password"),
                    // A power cut would end the tests anyway.
                    parameters: [
                        "fsync": "off", "full_page_writes": "off", "max_connections": "300",
                    ]))
        }
    }

    /// libpq's own variable: for every connection whose URL has no password.
    private static func passwords(_ folder: String) throws -> [String: String] {
        ["PGPASSWORD": try Secret.ensure(at: folder + "/password")]
    }

    private static func call(
        _ words: [String], _ environment: [String: String]
    ) async throws -> Int32 {
        let command = Command(
            words[0], Array(words.dropFirst()), environment: environment, output: .inherit,
            errorOutput: .inherit, stopGrace: .seconds(10))
        switch try await Processes.run(command).ending {
        case .exited(let code): return code
        case .killed(let signal): return 128 + signal
        }
    }

    private static func environment(
        _ broker: PrivateBroker, _ warehouse: PrivateWarehouse
    ) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment
        let user = PrivateBroker.user
        environment["MILLRACE_TEST_BROKER_URL"] = broker.url.replacing(
            "\(user)@", with: "\(user):\(user)@")
        environment["MILLRACE_TEST_BROKER_API"] = broker.api
        environment["MILLRACE_TEST_WAREHOUSE_URL"] = warehouse.url
        if let engine = ServerPrograms.engine() { environment["MILLRACE_DUCKDB"] = engine }
        return environment
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
