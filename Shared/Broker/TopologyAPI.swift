import Outbound

/// Compares the broker with the topology, and makes it so.
public struct TopologyAPI: Sendable {
    private let topology: Topology
    private let api: ManagementAPI
    private let virtualHost: String
    private let passwords: (any BrokerPasswords)?

    /// - Parameters:
    ///   - api: As an administrator, but for `verify(for:on:)`.
    ///   - passwords: Those of the services' users; nil leaves passwords as they are.
    public init(
        _ topology: Topology, over api: ManagementAPI, virtualHost: String,
        passwords: (any BrokerPasswords)? = nil
    ) {
        self.topology = topology
        self.api = api
        self.virtualHost = virtualHost
        self.passwords = passwords
    }

    /// What `apply` would do; empty when everything is as it should be.
    ///
    /// Hosts whose landers have a queue already are kept, named or not.
    public func plan() async throws -> [TopologyDifference] {
        let exists = try await api.hasVirtualHost(virtualHost)
        let users = try await LiveUsers(reading: api, virtualHost: virtualHost, exists: exists)
        let live =
            exists
            ? try await LiveTopology(reading: api, virtualHost: virtualHost) : LiveTopology()
        return ground(exists, users) + topology.keeping(live.hosts).differences(from: live)
            + (try UserDifferences(virtualHost: virtualHost, live: users, passwords: passwords)
                .all())
    }

    /// Makes the broker as the topology wants it; nothing that holds messages is ever deleted.
    ///
    /// - Parameter migration: Replaces what AMQP cannot change over this address, too: messages
    ///   are moved aside and back, each taken away only after its copy is confirmed.
    /// - Returns: What it did.
    /// - Throws: `BrokerError` (topology) after doing all that can be done, when something is left
    ///   that a person must do.
    public func apply(migratingAt address: BrokerAddress? = nil) async throws
        -> [TopologyDifference]
    {
        let differences = try await plan()
        for difference in differences { try await take(difference.step, address) }
        try check(
            differences.filter {
                $0.remedy == .byHand || $0.remedy == .replace && address == nil
            })
        return differences
    }

    /// - Throws: `BrokerError` (topology) that names what is not as it should be.
    public func verify() async throws {
        try check(try await plan().filter { $0.remedy != .advise })
    }

    /// Looks at what one service needs, as the service's own user may.
    ///
    /// - Throws: `BrokerError` (topology) that names the queue, the setting, what is wanted and
    ///   what is found; (refused) when the user may not look.
    public func verify(for service: String, on host: String) async throws {
        let live = try await LiveTopology(reading: api, virtualHost: virtualHost)
        let needed = topology.needed(by: ServiceQueues.of(service, host: host))
        try check(needed.faults(on: live))
    }

    /// The virtual host itself, and the right to work in it.
    private func ground(_ exists: Bool, _ users: LiveUsers) -> [TopologyDifference] {
        if !exists {
            return [
                TopologyDifference(
                    subject: "virtual host \(virtualHost)", wanted: "there", live: nil,
                    remedy: .create, step: .virtualHost)
            ]
        }
        guard users.permissions[api.user] == nil else { return [] }
        return [
            TopologyDifference(
                subject: "rights of \(api.user)", wanted: "everything", live: nil,
                remedy: .create, step: .administrator)
        ]
    }

    private func check(_ differences: [TopologyDifference]) throws {
        guard let first = differences.first else { return }
        let others = differences.count > 1 ? " (and \(differences.count - 1) more)" : ""
        throw BrokerError(
            .topology, during: "verify the topology of \(virtualHost)",
            "\(first.subject) is \(first.live ?? "missing"), wanted \(first.wanted)\(others); "
                + first.migration)
    }

    private func take(_ step: TopologyDifference.Step, _ address: BrokerAddress?) async throws {
        switch step {
        case .virtualHost: try await api.createVirtualHost(virtualHost)
        case .administrator: try await api.permit(api.user, .everything, in: virtualHost)
        case .exchange(let exchange): try await api.declare(exchange, in: virtualHost)
        case .queue(let name): try await api.declare(queue: name, in: virtualHost)
        case .policy(let policy): try await api.put(policy, in: virtualHost)
        case .bind(let binding): try await api.bind(binding, in: virtualHost)
        case .unbind(let binding, let key):
            try await api.unbind(binding, key: key, in: virtualHost)
        case .user(let name): try await put(user: name)
        case .tags(let name, let hash):
            try await api.putUser(name, hash: hash, tags: [BrokerUser.tag])
        case .permit(let user):
            try await api.permit(user.name, user.permission, in: virtualHost)
        case .replaceExchange, .replaceQueue:
            if let address { try await replace(step, address) }
        case .none: break
        }
    }

    private func put(user name: String) async throws {
        guard let passwords else {
            throw BrokerError(
                .topology, during: "make the user \(name)",
                "it needs a password; give `--passwords DIR`, a folder for one file per user")
        }
        let password = try passwords.password(of: name) ?? passwords.makePassword(of: name)
        try await api.putUser(name, password: password, tags: [BrokerUser.tag])
    }

    private func replace(
        _ step: TopologyDifference.Step, _ address: BrokerAddress
    ) async throws {
        let all = topology.keeping(
            try await LiveTopology(reading: api, virtualHost: virtualHost).hosts)
        switch step {
        case .replaceExchange(let exchange):
            try await api.delete(exchange: exchange.name, in: virtualHost)
            try await api.declare(exchange, in: virtualHost)
            for binding in all.bindings where binding.exchange == exchange.name {
                try await api.bind(binding, in: virtualHost)
            }
        case .replaceQueue(let queue):
            try await QueueMigration(
                queue: queue, bindings: all.bindings.filter { $0.queue == queue }, api: api,
                address: address
            ).run()
        default: break
        }
    }
}
