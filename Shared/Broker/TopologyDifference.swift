/// One thing on the broker that is not as the topology wants it.
public struct TopologyDifference: Sendable, Equatable {
    /// How it is put right.
    public enum Remedy: String, Sendable {
        case create, change, remove
        /// AMQP cannot change it: a person must empty and delete it first.
        case replace
    }

    /// e.g. `queue millrace.loader.work`.
    public let subject: String
    /// As it should be.
    public let wanted: String
    /// As it is; nil when it is not there.
    public let live: String?
    public let remedy: Remedy
    let step: Step

    /// What `apply` does about it.
    enum Step: Sendable, Equatable {
        case exchange(Topology.Exchange)
        case queue(String)
        case policy(Topology.Policy)
        case bind(Topology.Binding)
        case unbind(Topology.Binding, key: String)
        case none
    }

    /// How to get from here to there, as a sentence.
    public var migration: String {
        switch remedy {
        case .create: "`millrace topology apply` makes it"
        case .change: "`millrace topology apply` changes it in place"
        case .remove: "`millrace topology apply` removes it"
        case .replace:
            "stop what uses it, empty it (`millrace dead replay` or a consumer), "
                + "delete it by hand, then run `millrace topology apply`"
        }
    }
}

extension Topology {
    /// What must change so that `live` is as this topology wants it, in the order to do it:
    /// policies before the queues that they are for, dead queues before work queues.
    func differences(from live: LiveTopology) -> [TopologyDifference] {
        exchanges.compactMap { difference($0, live) }
            + policies.compactMap { difference($0, live) }
            + queues.compactMap { difference(queue: $0, live) }
            + bindings.filter { live.bindings[$0] == nil }.map(missing)
            + strays(live)
    }

    private func difference(_ wanted: Exchange, _ live: LiveTopology) -> TopologyDifference? {
        let found = live.exchanges[wanted.name]
        guard found != wanted.kind.rawValue else { return nil }
        return TopologyDifference(
            subject: "exchange \(wanted.name)", wanted: wanted.kind.rawValue, live: found,
            remedy: found == nil ? .create : .replace,
            step: found == nil ? .exchange(wanted) : .none)
    }

    private func difference(queue: String, _ live: LiveTopology) -> TopologyDifference? {
        let found = live.queues[queue]
        guard found != "quorum" else { return nil }
        return TopologyDifference(
            subject: "queue \(queue)", wanted: "quorum", live: found,
            remedy: found == nil ? .create : .replace, step: found == nil ? .queue(queue) : .none)
    }

    private func difference(_ wanted: Policy, _ live: LiveTopology) -> TopologyDifference? {
        let found = live.policies[wanted.name]
        guard found != wanted else { return nil }
        return TopologyDifference(
            subject: "policy \(wanted.name)", wanted: wanted.text, live: found?.text,
            remedy: found == nil ? .create : .change, step: .policy(wanted))
    }

    private func missing(_ wanted: Binding) -> TopologyDifference {
        TopologyDifference(
            subject: wanted.text, wanted: "bound", live: nil, remedy: .create, step: .bind(wanted))
    }

    /// Bindings of ours that no release wants any more would bring a service what it cannot read.
    private func strays(_ live: LiveTopology) -> [TopologyDifference] {
        let ours = Set(exchanges.map(\.name))
        let wanted = Set(bindings)
        return live.bindings.filter { binding, _ in
            ours.contains(binding.exchange) && !wanted.contains(binding)
                && (queues.contains(binding.queue) || isDead(binding.queue))
        }.sorted { $0.key.text < $1.key.text }.map { binding, key in
            TopologyDifference(
                subject: binding.text, wanted: "not bound", live: "bound", remedy: .remove,
                step: .unbind(binding, key: key))
        }
    }
}

/// Also one of an earlier release, which would keep a second copy of each dead letter.
private func isDead(_ queue: String) -> Bool {
    queue.hasPrefix("millrace.") && queue.hasSuffix(".dead")
}

extension Topology.Binding {
    fileprivate var text: String { "binding \(exchange) -> \(queue) `\(key)`" }
}

extension Topology.Policy {
    /// One line, always in the same order.
    fileprivate var text: String {
        let entries = definition.sorted { $0.key < $1.key }.map { key, value in
            "\(key)=\(value.text ?? value.number.map(String.init) ?? "?")"
        }
        return "\(pattern) \(entries.joined(separator: " "))"
    }
}
