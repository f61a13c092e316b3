import Broker

/// The right to say when runs are due and to ask sources, which one ingest of all hosts has at a
/// time.
protocol Lease: Sendable {
    /// Asks whoever gives it, so that one that has been lost is never used.
    func isHeld() async -> Bool
}

extension BrokerLease: Lease {}
