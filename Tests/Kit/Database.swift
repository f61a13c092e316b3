import Foundation
public import Postgres

/// The PostgreSQL server that tests may use: `MILLRACE_TEST_WAREHOUSE_URL`.
public enum TestWarehouse {
    /// Nil when there is no server; suites that need one are not enabled then.
    public static let url = ProcessInfo.processInfo.environment["MILLRACE_TEST_WAREHOUSE_URL"]
    /// For `.enabled(if:)`.
    public static var isAvailable: Bool { url != nil }
    /// The word for a skipped suite.
    public static let missing = "needs MILLRACE_TEST_WAREHOUSE_URL"
}

/// Runs `body` with a new, empty database, which is dropped afterwards.
public func withDatabase<Value: Sendable>(
    _ body: (PostgresAddress) async throws -> Value
) async throws -> Value {
    guard let url = TestWarehouse.url else {
        throw PostgresError(.address, TestWarehouse.missing)
    }
    let server = try PostgresAddress(url: url, password: nil)
    await gate.enter()
    do {
        let value = try await withDatabase(on: server, body)
        await gate.leave()
        return value
    } catch {
        await gate.leave()
        throw error
    }
}

/// Runs `body` with the same database, reached through a relay.
public func withRelay<Value: Sendable>(
    to database: PostgresAddress, _ body: (PostgresAddress, Relay) async throws -> Value
) async throws -> Value {
    guard let url = TestWarehouse.url, var parts = URLComponents(string: url),
        let port = parts.port
    else { throw PostgresError(.address, "the test server's URL has no port") }
    let relay = try Relay(to: port)
    defer { relay.close() }
    parts.port = relay.port
    let address = try PostgresAddress(url: parts.string ?? url, password: nil)
    return try await body(address.database(database.database), relay)
}

/// Tests run all at once, and a server has some hundred connections for all of them.
private let gate = Gate(places: 6)

private func withDatabase<Value: Sendable>(
    on server: PostgresAddress, _ body: (PostgresAddress) async throws -> Value
) async throws -> Value {
    let pool = PostgresPool(server, size: 1, applicationName: "test kit")
    let name = "test_" + UUID().uuidString.prefix(18).lowercased()
    _ = try await pool.query("create database \(quotedIdentifier(name))")
    do {
        let value = try await body(server.database(name))
        try await drop(name, pool)
        return value
    } catch {
        try await drop(name, pool)
        throw error
    }
}

private func drop(_ name: String, _ pool: PostgresPool) async throws {
    _ = try await pool.query("drop database if exists \(quotedIdentifier(name)) with (force)")
}
