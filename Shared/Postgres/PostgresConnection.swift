import Lanes

/// One connection to PostgreSQL on a lane of its own.
///
/// A cancelled task stops its statement on the server and gets `CancellationError`. A connection
/// that breaks, or that is given up because the server does not answer, stays broken for whoever
/// holds it: only the pool opens it anew, before it lends it, so that half a transaction never
/// runs on a second connection.
public actor PostgresConnection {
    private let address: PostgresAddress
    private let applicationName: String
    private let limits: PostgresLimits
    private let lane: Lane
    private var open: Open?

    /// Carries a handle that cannot be copied.
    private final class Open {
        let handle: PostgresHandle

        init(_ handle: consuming PostgresHandle) {
            self.handle = handle
        }
    }

    /// - Parameter applicationName: What `pg_stat_activity` shows.
    public init(
        _ address: PostgresAddress, applicationName: String,
        limits: PostgresLimits = PostgresLimits()
    ) {
        self.address = address
        self.applicationName = applicationName
        self.limits = limits
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
            try PostgresHandle(
                address, applicationName: applicationName, limits: limits, timeout: timeout))
    }

    /// Runs one statement.
    ///
    /// - Parameter parameters: For `$1`, `$2`, …, as text; nil is null.
    /// - Returns: The rows that it gives.
    public func query(_ sql: String, _ parameters: [String?] = []) throws -> [PostgresRow] {
        try perform { try $0.query(sql, parameters, $1).rows }
    }

    /// Runs one statement; the answer knows its columns even when it is empty.
    public func table(_ sql: String, _ parameters: [String?] = []) throws -> PostgresTable {
        try perform { PostgresTable(try $0.query(sql, parameters, $1)) }
    }

    /// Runs one statement and says how many rows it touched.
    @discardableResult
    public func run(_ sql: String, _ parameters: [String?] = []) throws -> Int {
        try perform { try $0.query(sql, parameters, $1).touchedRows }
    }

    /// Runs several statements, separated by `;`, as one transaction unless one is open.
    public func execute(_ sql: String) throws {
        try perform { _ = try $0.execute(sql, $1) }
    }

    /// Feeds a `COPY … FROM STDIN` with all bytes of a descriptor, up to its end. It does not close
    /// the descriptor.
    ///
    /// - Returns: The number of rows copied.
    /// - Throws: `PostgresError`, with the line in `place`; the table then has none of the rows.
    public func copyIn(_ sql: String, from descriptor: Int32) throws -> Int {
        try perform { try $0.copyIn(sql, from: descriptor, $1) }
    }

    /// Feeds a `COPY … FROM STDIN` with these bytes.
    ///
    /// - Returns: The number of rows copied.
    /// - Throws: `PostgresError`, with the line in `place`; the table then has none of the rows.
    public func copyIn(_ sql: String, _ bytes: ArraySlice<UInt8>) throws -> Int {
        try perform { try $0.copyIn(sql, bytes, $1) }
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

    /// Runs `body` inside a transaction so that a failure undoes what `body` did, and nothing else.
    public nonisolated func savepoint<Value: Sendable>(
        _ body: (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        try await execute("savepoint piece")
        do {
            let value = try await body(self)
            try await execute("release savepoint piece")
            return value
        } catch let error as PostgresError where error.kind == .refused {
            try await execute("rollback to savepoint piece; release savepoint piece")
            throw error
        }
    }

    /// Ends what a borrower left open; gives up the connection when that does not work.
    func settle() {
        guard let open else { return }
        if !open.handle.isAlive { self.open = nil } else if !open.handle.isIdle { rollBack() }
    }

    private func rollBack() {
        do {
            _ = try settling("rollback")
        } catch {
            // The server rolls back what a closed connection leaves.
            open = nil
        }
    }

    private func commit() throws {
        guard try settling("commit") == "COMMIT" else {
            throw PostgresError(
                .refused, "the transaction had failed and was rolled back", sqlState: "25P02")
        }
    }

    /// Ends a transaction. Not stoppable: a cancelled task needs the rollback most, and to stop a
    /// commit would only hide its outcome.
    private func settling(_ sql: String) throws -> String {
        let patience = ServerCall.Patience(limit: limits.settling, isStoppable: false)
        return try perform(patience) { try $0.execute(sql, $1).commandTag }
    }

    private func perform<Value>(
        _ body: (borrowing PostgresHandle, ServerCall.Patience) throws -> Value
    ) throws -> Value {
        // Who was cancelled while it waited for its turn does not even begin.
        try Task.checkCancellation()
        return try perform(ServerCall.Patience(limit: limits.statement), body)
    }

    private func perform<Value>(
        _ patience: ServerCall.Patience,
        _ body: (borrowing PostgresHandle, ServerCall.Patience) throws -> Value
    ) throws -> Value {
        guard let open else { throw PostgresError(.unreachable, "the connection is not open") }
        do {
            return try body(open.handle, patience)
        } catch let error as PostgresError where error.sqlState == "57014" && patience.isStoppable {
            try Task.checkCancellation()
            throw error
        }
    }
}
