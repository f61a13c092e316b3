import Lanes

/// One connection to PostgreSQL on a lane of its own.
///
/// A cancelled task stops its statement on the server and gets `CancellationError`. A connection
/// that breaks stays broken for whoever holds it: only the pool opens it anew, before it lends it,
/// so that half a transaction never runs on a second connection.
public actor PostgresConnection {
    private let address: PostgresAddress
    private let applicationName: String
    private let lane: Lane
    private var open: Open?

    /// The connection and the door that belongs to it.
    private final class Open {
        let handle: PostgresHandle
        let door: CancelDoor

        init(_ handle: consuming PostgresHandle) {
            door = CancelDoor(handle)
            self.handle = handle
        }
    }

    /// - Parameter applicationName: What `pg_stat_activity` shows.
    public init(_ address: PostgresAddress, applicationName: String) {
        self.address = address
        self.applicationName = applicationName
        lane = Lane("postgres.\(applicationName)")
    }

    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        lane.asUnownedSerialExecutor()
    }

    /// Connects, unless it is connected and the other side is there.
    public func connect(timeout: Duration = .seconds(10)) throws {
        if let open, open.handle.isAlive, open.handle.isIdle { return }
        open = nil
        open = Open(
            try PostgresHandle(address, applicationName: applicationName, timeout: timeout))
    }

    /// Runs one statement.
    ///
    /// - Parameter parameters: For `$1`, `$2`, …, as text; nil is null.
    /// - Returns: The rows that it gives.
    public func query(_ sql: String, _ parameters: [String?] = []) async throws -> [PostgresRow] {
        try await stoppable { try $0.query(sql, parameters).rows }
    }

    /// Runs one statement; the answer knows its columns even when it is empty.
    public func table(_ sql: String, _ parameters: [String?] = []) async throws -> PostgresTable {
        try await stoppable { PostgresTable(try $0.query(sql, parameters)) }
    }

    /// Runs one statement and says how many rows it touched.
    @discardableResult
    public func run(_ sql: String, _ parameters: [String?] = []) async throws -> Int {
        try await stoppable { try $0.query(sql, parameters).touchedRows }
    }

    /// Runs several statements, separated by `;`, as one transaction unless one is open.
    public func execute(_ sql: String) async throws {
        try await stoppable { _ = try $0.execute(sql) }
    }

    /// Feeds a `COPY … FROM STDIN` with all bytes of a descriptor, up to its end. It does not close
    /// the descriptor.
    ///
    /// - Returns: The number of rows copied.
    /// - Throws: `PostgresError`, with the line in `place`; the table then has none of the rows.
    public func copyIn(_ sql: String, from descriptor: Int32) async throws -> Int {
        try await stoppable { try $0.copyIn(sql, from: descriptor) }
    }

    /// Runs `body` in a transaction, which is committed when it returns and rolled back when it
    /// throws.
    ///
    /// - Throws: What `body` throws; `unreachable` when the connection broke at the commit: nobody
    ///   knows then whether it happened.
    public nonisolated func transaction<Value: Sendable>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await execute("begin")
        let value: Value
        do {
            value = try await body(self)
            try Task.checkCancellation()
        } catch {
            await rollBack()
            throw error
        }
        try await commit()
        return value
    }

    /// Ends what a borrower left open; gives up the connection when that does not work.
    func settle() {
        guard let open else { return }
        if !open.handle.isAlive { self.open = nil } else if !open.handle.isIdle { rollBack() }
    }

    /// Not stoppable: a cancelled task needs it most.
    private func rollBack() {
        do {
            guard let open else { return }
            _ = try open.handle.execute("rollback")
            if !open.handle.isIdle { self.open = nil }
        } catch {
            // The server rolls back what a closed connection leaves.
            open = nil
        }
    }

    /// Not stoppable: a stop would only hide the outcome.
    private func commit() throws {
        guard let open else { throw PostgresConnection.notOpen }
        let result = try open.handle.execute("commit")
        guard result.commandTag == "COMMIT" else {
            throw PostgresError(
                .refused, "the transaction had failed and was rolled back", sqlState: "25P02")
        }
    }

    /// The closure is `@Sendable` so that the call inside has to come back to the lane: one that
    /// inherits the actor's isolation runs the blocking call on the tasks' own threads
    /// (swiftlang/swift#86083).
    private func stoppable<Value: Sendable>(
        _ body: @escaping @Sendable (borrowing PostgresHandle) throws -> Value
    ) async throws -> Value {
        guard let door = open?.door else { throw PostgresConnection.notOpen }
        let call = door.announce()
        return try await withTaskCancellationHandler { @Sendable in
            try await self.perform(call, body)
        } onCancel: {
            door.knock(call)
        }
    }

    private func perform<Value: Sendable>(
        _ call: Int, _ body: @Sendable (borrowing PostgresHandle) throws -> Value
    ) throws -> Value {
        guard let open else { throw PostgresConnection.notOpen }
        return try open.door.whileRunning(call) { try body(open.handle) }
    }

    private static let notOpen = PostgresError(.unreachable, "the connection is not open")
}
