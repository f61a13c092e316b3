import Outbound

extension ManagementAPI {
    func hasVirtualHost(_ name: String) async throws -> Bool {
        struct VirtualHost: Decodable { let name: String }
        let all: [VirtualHost] = try await list(["vhosts"])
        return all.contains { $0.name == name }
    }

    func declare(_ exchange: Topology.Exchange, in virtualHost: String) async throws {
        try await change(
            .put, ["exchanges", virtualHost, exchange.name],
            ["type": .text(exchange.kind.rawValue), "durable": .flag(true)])
    }

    func delete(exchange name: String, in virtualHost: String) async throws {
        try await change(.delete, ["exchanges", virtualHost, name])
    }

    func declare(queue name: String, in virtualHost: String) async throws {
        try await change(
            .put, ["queues", virtualHost, name],
            [
                "durable": .flag(true),
                "arguments": .table(
                    Topology.arguments(of: name).merging(["x-queue-type": .text("quorum")]) { $1 }),
            ])
    }

    func put(_ policy: Topology.Policy, in virtualHost: String) async throws {
        try await change(
            .put, ["policies", virtualHost, policy.name],
            [
                "pattern": .text(policy.pattern), "apply-to": .text(policy.target.rawValue),
                "priority": .number(policy.priority), "definition": .table(policy.definition),
            ])
    }

    func bind(_ binding: Topology.Binding, in virtualHost: String) async throws {
        try await change(
            .post, ["bindings", virtualHost, "e", binding.exchange, "q", binding.queue],
            ["routing_key": .text(binding.key)])
    }

    /// - Parameter key: The API's own name of the binding.
    func unbind(_ binding: Topology.Binding, key: String, in virtualHost: String) async throws {
        try await change(
            .delete, ["bindings", virtualHost, "e", binding.exchange, "q", binding.queue, key])
    }

    func permit(
        _ user: String, _ permission: BrokerUser.Permission, in virtualHost: String
    ) async throws {
        try await putPermissions(
            of: user, in: virtualHost, configure: permission.configure, write: permission.write,
            read: permission.read)
    }

    /// Changes what a user is without its password.
    func putUser(_ name: String, hash: String, tags: [String]) async throws {
        try await change(
            .put, ["users", name],
            ["password_hash": .text(hash), "tags": .text(tags.joined(separator: ","))])
    }

    /// The messages in a queue, those included that somebody has in hand and the dead letters that
    /// have nowhere to go; nil while the broker's statistics do not know the queue yet.
    func contents(of queue: String, in virtualHost: String) async throws -> Int? {
        struct Row: Decodable {
            let name: String
            let messages: Int?
            let messages_dlx: Int?
        }
        let rows: [Row] = try await list(["queues", virtualHost])
        return rows.first { $0.name == queue }.flatMap { row in
            row.messages.map { $0 + (row.messages_dlx ?? 0) }
        }
    }
}
