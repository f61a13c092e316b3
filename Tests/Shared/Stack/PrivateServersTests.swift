import Foundation
import Glibc
import Postgres
import Stack
import Testing

/// A folder for one test, in memory where the host has some.
func withStackFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    let root = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NSTemporaryDirectory()
    let path = "\(root)/millrace-stack-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            Issue.record("\(path) stays behind: \(error)")
        }
    }
    return try await body(path)
}

/// False where Debian's servers are not installed.
let hasServers: Bool = {
    do {
        _ = try ServerPrograms.broker()
        _ = try ServerPrograms.warehouse()
        return true
    } catch {
        return false
    }
}()

@Suite("Private servers", .enabled(if: hasServers, "no RabbitMQ or PostgreSQL on this host"))
struct PrivateServersTests {
    private func brokerSettings(_ folder: String, _ ports: [Int]) -> PrivateBroker.Settings {
        PrivateBroker.Settings(
            folder: folder + "/broker", log: folder + "/broker.log",
            ports: Dictionary(uniqueKeysWithValues: zip(PrivateBroker.portNames, ports)),
            password: "secret", virtualHost: "millrace")
    }

    @Test("leave no process and no port behind, the broker's port mapper included")
    func broker() async throws {
        try await withStackFolder { folder in
            let ports = try Port.free(5)
            let broker = try await PrivateBroker.start(brokerSettings(folder, ports))
            #expect(broker.processes.allSatisfy { $0.isAlive })
            #expect(ports.allSatisfy(Port.isOpen))
            #expect(try listeners(elsewhereThanLoopback: ports).isEmpty)
            await broker.kill()
            #expect(!broker.processes.contains { $0.isAlive })
            #expect(ports.allSatisfy(Port.isFree))
        }
    }

    @Test("keep the warehouse's data over a stop, and ask for its password")
    func warehouse() async throws {
        try await withStackFolder { folder in
            let port = try Port.free(1)[0]
            let settings = PrivateWarehouse.Settings(
                folder: folder + "/warehouse", log: folder + "/warehouse.log", port: port,
                password: "secret", database: "millrace")
            let first = try await PrivateWarehouse.start(settings)
            try await query(first.url, "secret", "create table kept as select 1 as one")
            await #expect(throws: PostgresError.self) {
                try await query(first.url, "wrong", "select 1")
            }
            await first.stop()
            #expect(!first.processes.contains { $0.isAlive })
            #expect(Port.isFree(port))

            let second = try await PrivateWarehouse.start(settings)
            #expect(try await query(second.url, "secret", "select one from kept").count == 1)
            await second.stop()
            #expect(Port.isFree(port))
        }
    }

    @Test("say why they do not start, and leave nothing then")
    func refusal() async throws {
        try await withStackFolder { folder in
            let port = try Port.free(1)[0]
            let settings = PrivateWarehouse.Settings(
                folder: folder + "/warehouse", log: folder + "/warehouse.log", port: port,
                password: "secret", parameters: ["no_such_parameter": "1"])
            let error = await #expect(throws: StackError.self) {
                try await PrivateWarehouse.start(settings)
            }
            #expect(error?.description.contains("no_such_parameter") == true)
            #expect(Port.isFree(port))
        }
    }

    @discardableResult
    private func query(
        _ url: String, _ password: String, _ sql: String
    ) async throws -> [PostgresRow] {
        let address = try PostgresAddress(url: url, password: password)
        return try await PostgresPool(address, size: 1, applicationName: "test").query(sql)
    }

    /// The local addresses in /proc/net/tcp and tcp6 of those ports that are not 127.0.0.1 or ::1.
    private func listeners(elsewhereThanLoopback ports: [Int]) throws -> [String] {
        let loopback = ["0100007F", "00000000000000000000000001000000"]
        let lines = try ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { path in
            try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").dropFirst()
        }
        return lines.compactMap { line -> String? in
            let fields = line.split(separator: " ")
            let local = fields[1].split(separator: ":")
            let isListening = fields[3] == "0A"
            guard isListening, let port = Int(local[1], radix: 16), ports.contains(port),
                !loopback.contains(String(local[0]))
            else { return nil }
            return String(fields[1])
        }
    }
}
