import Synchronization

/// Up to a number of connections to one database, opened when they are needed.
public final class PostgresPool: Sendable {
    private let address: PostgresAddress
    private let applicationName: String
    private let limits: PostgresLimits
    private let loans: Mutex<Loans<PostgresConnection>>
    /// Only for `check`: long statements on all the others do not mean that the database is away.
    private let probe: PostgresConnection

    /// - Parameters:
    ///   - size: The most connections at once, beside that of `check`; who comes later waits.
    ///   - applicationName: What `pg_stat_activity` shows.
    public init(
        _ address: PostgresAddress, size: Int, applicationName: String,
        limits: PostgresLimits = PostgresLimits()
    ) {
        self.address = address
        self.applicationName = applicationName
        self.limits = limits
        loans = Mutex(Loans(limit: size))
        probe = PostgresConnection(address, applicationName: applicationName, limits: limits)
    }

    /// Lends a connection to `body` and takes it back, with whatever `body` left open rolled back.
    public func with<Value: Sendable>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let connection = try await borrow()
        do {
            try await connection.connect()
            let value = try await body(connection)
            await giveBack(connection)
            return value
        } catch {
            await giveBack(connection)
            throw error
        }
    }

    /// Runs one statement with bound parameters.
    public func query(_ sql: String, _ parameters: [String?] = []) async throws -> [PostgresRow] {
        try await with { try await $0.query(sql, parameters) }
    }

    /// Runs `body` in a transaction: committed when it returns, rolled back when it throws.
    public func transaction<Value: Sendable>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await with { try await $0.transaction(body) }
    }

    /// Runs `body` in a transaction, and again on a fresh connection while what it fails of passes:
    /// a deadlock, a lock that was not to be had, a connection that broke.
    ///
    /// A connection that breaks at the commit leaves its outcome unknown: `body` is what asks for
    /// it, since it must find done what it had done.
    public func transaction<Value: Sendable>(
        retries: TransactionRetries, _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        var retries = retries
        while true {
            do {
                return try await transaction(body)
            } catch let error as PostgresError {
                guard let pause = retries.pause(after: error) else { throw error }
                try await Task.sleep(for: pause)
            }
        }
    }

    /// Throws when the database does not answer. For readiness.
    public func check() async throws {
        try await probe.connect()
        _ = try await probe.query("select 1")
    }

    private func borrow() async throws -> PostgresConnection {
        let ticket = loans.withLock { $0.ticket() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer = loans.withLock {
                    $0.ask(ticket, isCancelled: Task.isCancelled, continuation)
                }
                switch answer {
                case .wait: break
                case .lend(let connection): continuation.resume(returning: connection)
                case .open: continuation.resume(returning: newConnection())
                case .refuse: continuation.resume(throwing: CancellationError())
                }
            }
        } onCancel: {
            loans.withLock { $0.leave(ticket) }?.resume(throwing: CancellationError())
        }
    }

    private func giveBack(_ connection: PostgresConnection) async {
        await connection.settle()
        loans.withLock { $0.giveBack(connection) }?.resume(returning: connection)
    }

    private func newConnection() -> PostgresConnection {
        PostgresConnection(address, applicationName: applicationName, limits: limits)
    }
}
