import Synchronization

/// Connections that are lent to one user at a time, made when they are needed, and kept.
///
/// Who comes when all are lent waits in line.
final class ConnectionPool<Connection: Sendable>: Sendable {
    private struct State {
        var idle: [Connection] = []
        var made = 0
        var nextTicket = 0
        var waiting: [(ticket: Int, continuation: CheckedContinuation<Connection, any Error>)] = []
    }

    private let state = Mutex(State())
    private let size: Int
    private let make: @Sendable (Int) -> Connection

    /// - Parameter make: Makes the connection of that number, from 0.
    init(size: Int, make: @escaping @Sendable (Int) -> Connection) {
        precondition(size > 0)
        self.size = size
        self.make = make
    }

    /// Lends a connection to `body`.
    ///
    /// - Throws: What `body` throws, or `CancellationError` while waiting.
    func with<Value: Sendable>(
        _ body: (Connection) async throws -> Value
    ) async throws -> Value {
        let connection = try await borrow()
        defer { giveBack(connection) }
        return try await body(connection)
    }

    private func borrow() async throws -> Connection {
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { line(up: $0, ticket: ticket) }
        } onCancel: {
            leave(ticket: ticket)
        }
    }

    private func line(
        up continuation: CheckedContinuation<Connection, any Error>, ticket: Int
    ) {
        let outcome: Result<Connection, any Error>? = state.withLock { state in
            if Task.isCancelled { return .failure(CancellationError()) }
            if let idle = state.idle.popLast() { return .success(idle) }
            guard state.made < size else {
                state.waiting.append((ticket, continuation))
                return nil
            }
            state.made += 1
            return .success(make(state.made - 1))
        }
        if let outcome { continuation.resume(with: outcome) }
    }

    private func leave(ticket: Int) {
        let continuation = state.withLock { state in
            state.waiting.firstIndex { $0.ticket == ticket }
                .map { state.waiting.remove(at: $0).continuation }
        }
        continuation?.resume(throwing: CancellationError())
    }

    private func giveBack(_ connection: Connection) {
        let next = state.withLock { state in
            guard state.waiting.isEmpty else { return Optional(state.waiting.removeFirst()) }
            state.idle.append(connection)
            return nil
        }
        next?.continuation.resume(returning: connection)
    }
}
