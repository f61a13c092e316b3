import Foundation

/// One setting that policies lay over a queue or an exchange otherwise than it is wanted.
struct PolicyMismatch: Sendable, Equatable {
    /// e.g. `queue millrace.loader.work`.
    let subject: String
    /// e.g. `delivery-limit`.
    let key: String
    let wanted: FieldValue?
    let found: FieldValue?
    /// The policy that holds; nil when none does.
    let policy: String?
}

extension Topology {
    /// Where what holds is not what this topology wants.
    ///
    /// A missing delivery limit or dead-letter exchange shows in no other way: the queue is there,
    /// takes messages, and throws away what a crash loop should have set aside.
    func mismatches(on live: LiveTopology) -> [PolicyMismatch] {
        let queues = queues.map { ("queue", $0, Policy.Target.queues) }
        let exchanges = exchanges.map { ("exchange", $0.name, Policy.Target.exchanges) }
        return (queues + exchanges).flatMap { word, name, target -> [PolicyMismatch] in
            let wanted = policies.first { $0.holds(for: name, target) }?.definition ?? [:]
            let holding = live.policy(for: name, target)
            let found = live.effective(holding, for: name, target)
            return Set(wanted.keys).union(found.keys).sorted().compactMap { key in
                guard wanted[key] != found[key] else { return nil }
                return PolicyMismatch(
                    subject: "\(word) \(name)", key: key, wanted: wanted[key], found: found[key],
                    policy: live.operatorPolicy(for: name, target, key: key) ?? holding?.name)
            }
        }
    }
}

extension LiveTopology {
    /// Only one policy holds for a thing: that with the highest priority.
    fileprivate func policy(for name: String, _ target: Topology.Policy.Target) -> Topology.Policy?
    {
        policies.values.filter { $0.holds(for: name, target) }
            .max { ($0.priority, $1.name) < ($1.priority, $0.name) }
    }

    /// An operator's policy adds to the others and, of two numbers, the smaller one holds.
    fileprivate func effective(
        _ policy: Topology.Policy?, for name: String, _ target: Topology.Policy.Target
    ) -> [String: FieldValue] {
        let own = policy?.definition ?? [:]
        return own.merging(operatorPolicy(for: name, target)?.definition ?? [:]) { own, other in
            guard case .number(let mine) = own, case .number(let theirs) = other else { return own }
            return .number(min(mine, theirs))
        }
    }

    private func operatorPolicy(
        for name: String, _ target: Topology.Policy.Target
    ) -> Topology.Policy? {
        operatorPolicies.filter { $0.holds(for: name, target) }.max { $0.priority < $1.priority }
    }

    /// The operator's policy that has a say in that setting.
    fileprivate func operatorPolicy(
        for name: String, _ target: Topology.Policy.Target, key: String
    ) -> String? {
        operatorPolicy(for: name, target).flatMap { policy in
            policy.definition[key] == nil ? nil : "\(policy.name) (operator policy)"
        }
    }
}

extension Topology.Policy {
    /// True when it matches such a thing of that name.
    func holds(for name: String, _ thing: Target) -> Bool {
        let isMeant =
            target == thing || target == .all || target == .quorumQueues && thing == .queues
        return isMeant && name.range(of: pattern, options: .regularExpression) != nil
    }
}

extension FieldValue {
    /// For a person.
    var shown: String {
        switch self {
        case .text(let text): text
        case .number(let number): String(number)
        case .flag(let flag): String(flag)
        case .list(let values): "[\(values.map(\.shown).joined(separator: ", "))]"
        case .table, .other: "something else"
        }
    }
}
