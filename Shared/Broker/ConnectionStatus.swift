import Synchronization
import Telemetry

/// Whether a connection can be used: told once for each change and not for each try, and readable
/// from any thread while the lane is busy connecting.
final class ConnectionStatus: Sendable {
    private enum State: Equatable {
        case new, up
        case down(String)
    }

    private let role: String
    private let log: Log
    private let metrics: Metrics
    private let state = Mutex(State.new)

    /// - Parameter role: What the connection is for, in one word.
    init(role: String, log: Log, metrics: Metrics) {
        self.role = role
        self.log = log
        self.metrics = metrics
    }

    var isUp: Bool { state.withLock { $0 == .up } }

    /// Why it cannot be used, as far as that is known.
    var problem: String? {
        state.withLock { if case .down(let reason) = $0 { reason } else { nil } }
    }

    func up() {
        guard change(to: .up) else { return }
        log.info("the broker can be used", ["role": role])
    }

    func down(_ error: BrokerError) {
        guard change(to: .down(error.description)) else { return }
        let facts = ["role": role, "error": error.description]
        // A person must do something about a refusal; an outage may pass by itself.
        switch error.kind {
        case .refused, .topology, .full: log.error("the broker cannot be used", facts)
        default: log.warning("the broker cannot be used", facts)
        }
    }

    private func change(to new: State) -> Bool {
        metrics.set(
            "millrace_broker_connected", to: new == .up ? 1 : 0, ["role": role],
            help: "1 while the connection to the broker can be used.")
        return state.withLock { state in
            defer { state = new }
            return state != new
        }
    }
}
