import Outbound

/// Compares the broker with the topology, and makes it so.
public struct TopologyAPI: Sendable {
    private let topology: Topology
    private let api: ManagementAPI
    private let virtualHost: String

    public init(_ topology: Topology, over api: ManagementAPI, virtualHost: String) {
        self.topology = topology
        self.api = api
        self.virtualHost = virtualHost
    }

    /// What `apply` would do; empty when everything is as it should be.
    public func plan() async throws -> [TopologyDifference] {
        topology.differences(
            from: try await LiveTopology(reading: api, virtualHost: virtualHost))
    }

    /// Makes the broker as the topology wants it; nothing that holds messages is ever deleted.
    ///
    /// - Returns: What it did.
    /// - Throws: `BrokerError` (topology) after doing all that can be done, when something is left
    ///   that a person must replace.
    public func apply() async throws -> [TopologyDifference] {
        let differences = try await plan()
        for difference in differences { try await take(difference.step) }
        try check(differences.filter { $0.remedy == .replace })
        return differences
    }

    /// - Throws: `BrokerError` (topology) that names what is not as it should be.
    public func verify() async throws {
        try check(try await plan())
    }

    private func check(_ differences: [TopologyDifference]) throws {
        guard let first = differences.first else { return }
        let others = differences.count > 1 ? " (and \(differences.count - 1) more)" : ""
        throw BrokerError(
            .topology, during: "verify the topology",
            "\(first.subject) is \(first.live ?? "missing"), wanted \(first.wanted)\(others); "
                + first.migration)
    }

    private func take(_ step: TopologyDifference.Step) async throws {
        switch step {
        case .exchange(let exchange):
            try await api.change(
                .put, ["exchanges", virtualHost, exchange.name],
                ["type": .text(exchange.kind.rawValue), "durable": .flag(true)])
        case .queue(let name):
            try await api.change(
                .put, ["queues", virtualHost, name],
                ["durable": .flag(true), "arguments": .table(["x-queue-type": .text("quorum")])])
        case .policy(let policy): try await put(policy)
        case .bind(let binding):
            try await api.change(
                .post, ["bindings", virtualHost, "e", binding.exchange, "q", binding.queue],
                ["routing_key": .text(binding.key)])
        case .unbind(let binding, let key):
            try await api.change(
                .delete,
                ["bindings", virtualHost, "e", binding.exchange, "q", binding.queue, key])
        case .none: break
        }
    }

    /// Our policies go before others that someone laid over all queues: only one can hold.
    private func put(_ policy: Topology.Policy) async throws {
        try await api.change(
            .put, ["policies", virtualHost, policy.name],
            [
                "pattern": .text(policy.pattern), "apply-to": .text(policy.target.rawValue),
                "priority": .number(10), "definition": .table(policy.definition),
            ])
    }
}
