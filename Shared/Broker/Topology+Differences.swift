extension Topology {
    /// What must change so that `live` is as this topology wants it, in the order to do it:
    /// policies before the queues that they are for, dead queues before work queues.
    func differences(from live: LiveTopology) -> [TopologyDifference] {
        exchanges.compactMap { difference($0, live) }
            + policies.compactMap { difference($0, live) }
            + queues.compactMap { difference(queue: $0, live) }
            + leftovers(live)
            + bindings.filter { live.bindings[$0] == nil }.map(missing)
            + strays(live) + overrides(live)
    }

    /// What a service would stumble over: each thing that is missing or different, and each
    /// setting of a policy, however it came about.
    func faults(on live: LiveTopology) -> [TopologyDifference] {
        exchanges.compactMap { difference($0, live) }
            + queues.compactMap { difference(queue: $0, live) }
            + bindings.filter { live.bindings[$0] == nil }.map(missing)
            + mismatches(on: live).map(\.difference)
    }

    private func difference(_ wanted: Exchange, _ live: LiveTopology) -> TopologyDifference? {
        let found = live.exchanges[wanted.name]
        guard found != wanted.kind.rawValue else { return nil }
        return TopologyDifference(
            subject: "exchange \(wanted.name)", wanted: wanted.kind.rawValue, live: found,
            remedy: found == nil ? .create : .replace,
            step: found == nil ? .exchange(wanted) : .replaceExchange(wanted),
            advice: [
                "`millrace topology apply --migrate` deletes it, makes it anew and binds its "
                    + "queues again; publishers wait and send again meanwhile"
            ])
    }

    private func difference(queue: String, _ live: LiveTopology) -> TopologyDifference? {
        let found = live.queues[queue]
        guard found != Self.form(of: queue) else { return nil }
        return TopologyDifference(
            subject: "queue \(queue)", wanted: Self.form(of: queue), live: found,
            remedy: found == nil ? .create : .replace,
            step: found == nil ? .queue(queue) : .replaceQueue(queue),
            advice: QueueMigration.steps(for: queue))
    }

    /// A migration that was interrupted: what is aside still has to come back.
    private func leftovers(_ live: LiveTopology) -> [TopologyDifference] {
        queues.filter { live.queues[$0] == Self.form(of: $0) }.compactMap { queue in
            let aside = QueueMigration.aside(of: queue)
            guard let found = live.queues[aside] else { return nil }
            return TopologyDifference(
                subject: "queue \(aside)", wanted: "emptied into \(queue) and gone", live: found,
                remedy: .replace, step: .replaceQueue(queue),
                advice: ["`millrace topology apply --migrate` goes on where it was interrupted"])
        }
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

    /// What would still not hold with all our policies in place: somebody laid another one over.
    private func overrides(_ live: LiveTopology) -> [TopologyDifference] {
        var applied = live
        for policy in policies { applied.policies[policy.name] = policy }
        return mismatches(on: applied).map(\.difference)
    }
}

extension PolicyMismatch {
    fileprivate var difference: TopologyDifference {
        let source = policy.map { " by the policy \($0)" } ?? ""
        let isOurs = policy?.hasPrefix("millrace.") ?? true
        return TopologyDifference(
            subject: subject, wanted: "\(key) \(wanted?.shown ?? "not set")",
            live: "\(key) \(found?.shown ?? "not set")\(source)",
            remedy: isOurs ? .change : .byHand, step: .none,
            advice: [
                "delete the policy, narrow its pattern, or lower its priority below 10"
            ])
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
        let entries = definition.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.shown)" }
        return "\(pattern) \(target.rawValue) \(entries.joined(separator: " ")) "
            + "priority \(priority)"
    }
}
