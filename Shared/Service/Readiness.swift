import Lanes
import Synchronization
import Telemetry

/// Whether the service can work: whether everything that it needs is there.
///
/// While something is away, events wait instead of failing one after the other.
actor Readiness {
    typealias Check = @Sendable () async throws -> Void

    private let checks: [String: Check]
    private let limit: Duration
    private let log: Log
    private let metrics: Metrics
    /// When the last check began.
    private var checkedAt: ContinuousClock.Instant?
    private var isChecking = false
    // Read by every worker before every event, so not through the actor.
    private let known = Mutex<[String: String]>([:])
    private let isClosed = Mutex(false)

    /// - Parameters:
    ///   - checks: By name; each throws while its part is away.
    ///   - limit: How long one check may take.
    init(
        _ checks: [String: Check], limit: Duration = .seconds(3), log: Log, metrics: Metrics
    ) {
        self.checks = checks
        self.limit = limit
        self.log = log
        self.metrics = metrics
    }

    /// True unless the last check found something away. It asks nobody.
    nonisolated var wasReady: Bool { known.withLock { $0.isEmpty } }

    /// The names of the parts.
    nonisolated var names: [String] { checks.keys.sorted() }

    /// What is away and why, by name; at most a second old.
    func failures() async -> [String: String] { await failures(since: .now - .seconds(1)) }

    /// What was away after that moment, and why, by name.
    func failures(since moment: ContinuousClock.Instant) async -> [String: String] {
        // One caller checks, the others wait for what it finds.
        while isChecking, !Task.isCancelled { await pause(.milliseconds(10)) }
        if let checkedAt, checkedAt > moment { return current }
        return await checkNow()
    }

    /// Nobody shall wait any more: the service stops.
    nonisolated func close() { isClosed.withLock { $0 = true } }

    /// Waits until everything is there.
    ///
    /// - Returns: False when it was not within `limit`, or nobody shall wait any more.
    nonisolated func returns(within limit: Duration) async -> Bool {
        let deadline = ContinuousClock.now + limit
        while !wasReady {
            let isOver = isClosed.withLock { $0 } || Task.isCancelled
            guard !isOver, .now < deadline else { return false }
            if await failures().isEmpty { return true }
            await pause(.seconds(1))
        }
        return true
    }

    private nonisolated var current: [String: String] { known.withLock { $0 } }

    private func checkNow() async -> [String: String] {
        let began = ContinuousClock.now
        isChecking = true
        defer { isChecking = false }
        let found = await withTaskGroup(of: (String, String?).self) { group in
            for (name, check) in checks {
                group.addTask { [limit] in (name, await Self.failure(of: check, name, limit)) }
            }
            var found: [String: String] = [:]
            for await (name, failure) in group { found[name] = failure }
            return found
        }
        guard !Task.isCancelled else { return current }
        checkedAt = began
        tell(found)
        known.withLock { $0 = found }
        return found
    }

    private static func failure(
        of check: @escaping Check, _ name: String, _ limit: Duration
    ) async -> String? {
        do {
            try await withTimeLimit(limit, for: name, check)
            return nil
        } catch {
            return "\(error)"
        }
    }

    private func tell(_ found: [String: String]) {
        let before = current
        for name in checks.keys {
            metrics.set(
                "millrace_part_ready", to: found[name] == nil ? 1 : 0, ["part": name],
                help: "1 while a part that the service needs is there.")
            if let reason = found[name], before[name] == nil {
                log.warning("a part is away; events wait", ["part": name, "error": reason])
            } else if found[name] == nil, before[name] != nil {
                log.info("a part is back", ["part": name])
            }
        }
    }
}

/// Waits, or less when the task is cancelled meanwhile; the caller looks at that itself.
func pause(_ duration: Duration) async {
    do {
        try await Task.sleep(for: duration)
    } catch {
        return
    }
}
