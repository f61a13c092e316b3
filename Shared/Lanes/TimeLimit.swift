/// A piece of work did not end within its time.
public struct TimeLimitExceeded: Error, CustomStringConvertible {
    /// What was being done.
    public let operation: String
    /// How long it was given.
    public let limit: Duration

    public var description: String { "\(operation) did not end within \(limit)" }
}

/// Runs `body` and cancels it when `limit` is over.
///
/// - Throws: `TimeLimitExceeded`, or what `body` throws. The body must react to cancellation.
public func withTimeLimit<Value: Sendable>(
    _ limit: Duration, for operation: String,
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw TimeLimitExceeded(operation: operation, limit: limit)
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw CancellationError() }
        return first
    }
}
