import Events

/// What there is on the broker now.
struct LiveTopology: Sendable {
    /// Kind by name; `nil` durability does not exist, so a transient one reads `transient topic`.
    var exchanges: [String: String] = [:]
    /// Type by name.
    var queues: [String: String] = [:]
    /// The management API's key of each binding, which its removal needs.
    var bindings: [Topology.Binding: String] = [:]
    var policies: [String: Topology.Policy] = [:]

    init() {}

    init(reading api: ManagementAPI, virtualHost: String) async throws {
        let exchanges: [ExchangeRow] = try await api.list(["exchanges", virtualHost])
        let queues: [QueueRow] = try await api.list(["queues", virtualHost])
        let bindings: [BindingRow] = try await api.list(["bindings", virtualHost])
        let policies: [PolicyRow] = try await api.list(["policies", virtualHost])
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
    }

    private struct ExchangeRow: Decodable {
        let name: String
        let type: String
        let durable: Bool
        var text: String { durable ? type : "transient \(type)" }
    }

    private struct QueueRow: Decodable {
        let name: String
        let type: String?
        let durable: Bool
        var text: String { (durable ? "" : "transient ") + (type ?? "classic") }
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
        let definition: [String: FieldValue]

        enum CodingKeys: String, CodingKey {
            case name, pattern, definition
            case target = "apply-to"
        }

        var policy: Topology.Policy? {
            Topology.Policy.Target(rawValue: target).map {
                Topology.Policy(name: name, pattern: pattern, target: $0, definition: definition)
            }
        }
    }
}
