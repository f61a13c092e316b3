import Synchronization

/// A few lanes for blocking calls that do not depend on one another; a call goes to the lane where
/// the fewest wait.
public final class LanePool: Sendable {
    private let lanes: [Lane]
    private let waiting: Mutex<[Int]>

    /// - Parameters:
    ///   - label: What debuggers show, with the lane's number.
    ///   - count: How many calls may block at once.
    public init(_ label: String, count: Int) {
        lanes = (0..<max(1, count)).map { Lane("\(label).\($0)") }
        waiting = Mutex(Array(repeating: 0, count: lanes.count))
    }

    /// Runs a blocking call on one of the lanes and suspends the caller until it returns.
    public func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        let index = waiting.withLock { waiting in
            let shortest = waiting.indices.min { waiting[$0] < waiting[$1] } ?? 0
            waiting[shortest] += 1
            return shortest
        }
        defer { waiting.withLock { $0[index] -= 1 } }
        return try await lanes[index].run(body)
    }
}
