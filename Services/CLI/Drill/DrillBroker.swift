import Broker
import Postgres
import Stack

/// The broker of a drill's stack, asked directly.
struct DrillBroker: Sendable {
    let context: StackContext

    /// Events that wait for somebody: in the queues of work and of delays.
    func waiting() async throws -> Int {
        try await depths { !$0.hasSuffix(".dead") && !$0.hasPrefix("drill.") }
    }

    /// Events that were set aside.
    func dead() async throws -> Int { try await depths { $0.hasSuffix(".dead") } }

    /// Waits until nothing waits any more, by the broker's own numbers, which are some seconds old.
    ///
    /// - Returns: How many wait still after `limit`.
    func drained(within limit: Duration) async throws -> Int {
        let deadline = ContinuousClock.now + limit
        var emptySince: ContinuousClock.Instant?
        var last = 0
        while .now < deadline {
            last = try await waiting()
            emptySince = last == 0 ? emptySince ?? .now : nil
            if let emptySince, emptySince.duration(to: .now) > .seconds(6) { return 0 }
            try await Task.sleep(for: .seconds(1))
        }
        return last
    }

    private func depths(_ isCounted: (String) -> Bool) async throws -> Int {
        let depths = try await context.management().depths(in: context.broker().virtualHost)
        return depths.filter { isCounted($0.key) }.values.reduce(0, +)
    }
}
