import Events

/// What there is on the broker now.
struct LiveTopology: Sendable {
    var hasVirtualHost = true
    /// Kind by name, with whatever else is not as a plain durable exchange has it.
    var exchanges: [String: String] = [:]
    /// Type by name, with whatever else is not as a plain durable queue has it.
    var queues: [String: String] = [:]
    /// The management API's key of each binding, which its removal needs.
    var bindings: [Topology.Binding: String] = [:]
    var policies: [String: Topology.Policy] = [:]
    var operatorPolicies: [Topology.Policy] = []

    init() {}

    init(reading api: ManagementAPI, virtualHost: String) async throws {
        let exchanges: [ExchangeRow] = try await api.list(["exchanges", virtualHost])
        let queues: [QueueRow] = try await api.list(
            ["queues", virtualHost], query: "disable_stats=true")
        let bindings: [BindingRow] = try await api.list(["bindings", virtualHost])
        let policies: [PolicyRow] = try await api.list(["policies", virtualHost])
        let operators: [PolicyRow] = try await api.list(["operator-policies", virtualHost])
        self.exchanges = Dictionary(exchanges.map { ($0.name, $0.text) }) { $1 }
        self.queues = Dictionary(queues.map { ($0.name, $0.text) }) { $1 }
        self.bindings = Dictionary(
            bindings.filter { $0.destination_type == "queue" }.map {
                ($0.binding, $0.properties_key)
            }
        ) { $1 }
        self.policies = Dictionary(
            policies.compactMap { row in row.policy.map { (row.name, $0) } }
        ) { $1 }
        operatorPolicies = operators.compactMap(\.policy)
    }

    /// The hosts whose landers have a queue.
    var hosts: [String] {
        queues.keys.compactMap(ServiceQueues.host(ofLanderQueue:)).sorted()
    }

    private struct ExchangeRow: Decodable {
        let name: String
        let type: String
        let durable: Bool
        let auto_delete: Bool
        let `internal`: Bool
        let arguments: [String: FieldValue]
        var text: String {
            words(
                (!durable, "transient"), (auto_delete, "auto-delete"), (`internal`, "internal"),
                kind: type, arguments)
        }
    }

    private struct QueueRow: Decodable {
        let name: String
        let type: String?
        let durable: Bool
        let auto_delete: Bool
        let arguments: [String: FieldValue]
        var text: String {
            words(
                (!durable, "transient"), (auto_delete, "auto-delete"), kind: type ?? "classic",
                arguments.filter { $0.key != "x-queue-type" })
        }
    }

    private struct BindingRow: Decodable {
        let source: String
        let destination: String
        let destination_type: String
        let routing_key: String
        let properties_key: String
        var binding: Topology.Binding {
            Topology.Binding(exchange: source, queue: destination, key: routing_key)
        }
    }

    private struct PolicyRow: Decodable {
        let name: String
        let pattern: String
        let target: String
        let priority: Int
        let definition: [String: FieldValue]

        enum CodingKeys: String, CodingKey {
            case name, pattern, priority, definition
            case target = "apply-to"
        }

        var policy: Topology.Policy? {
            Topology.Policy.Target(rawValue: target).map {
                Topology.Policy(
                    name: name, pattern: pattern, target: $0, definition: definition,
                    priority: priority)
            }
        }
    }
}

/// One line, always in the same order, e.g. `transient classic x-max-length=5`.
private func words(
    _ oddities: (Bool, String)..., kind: String, _ arguments: [String: FieldValue]
) -> String {
    let given = arguments.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.shown)" }
    return (oddities.filter(\.0).map(\.1) + [kind] + given).joined(separator: " ")
}
