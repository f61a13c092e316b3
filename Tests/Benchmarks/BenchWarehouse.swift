import Foundation
import Postgres
import Stack
import Warehouse

/// A warehouse of the benchmark's own, as the local stack starts it.
struct BenchWarehouse: Sendable {
    let pool: PostgresPool
    /// With its password, for programs that read it from their environment.
    let url: String

    /// Starts it in a folder of its own and ends it behind `body`, whatever happens.
    static func with<Value: Sendable>(
        _ body: (BenchWarehouse) async throws -> Value
    ) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.path + "/millrace-bench-\(UUID())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let outcome: Result<Value, any Error>
        do { outcome = .success(try await run(folder, body)) } catch { outcome = .failure(error) }
        try FileManager.default.removeItem(atPath: folder)
        return try outcome.get()
    }

    private static func run<Value: Sendable>(
        _ folder: String, _ body: (BenchWarehouse) async throws -> Value
    ) async throws -> Value {
        let port = try Port.free(1)[0]
        let password = try Secret.ensure(at: folder + "/password")
        let server = try await PrivateWarehouse.start(
            PrivateWarehouse.Settings(
                folder: folder + "/warehouse", log: folder + "/warehouse.log", port: port,
                password: password))
        let outcome: Result<Value, any Error>
        do {
            let address = try PostgresAddress(url: server.url, password: password)
            let pool = PostgresPool(address, size: 4, applicationName: "bench")
            try await SystemSchema.migrate(pool)
            let user = PrivateWarehouse.user
            outcome = .success(
                try await body(
                    BenchWarehouse(
                        pool: pool,
                        url: server.url.replacing("\(user)@", with: "\(user):\(password)@"))))
        } catch {
            outcome = .failure(error)
        }
        await server.stop()
        return try outcome.get()
    }
}
