/// A user of the broker that a service logs in as, with the rights that its work needs and no more.
///
/// It may look at things in the management API (to verify the topology) and configure nothing.
public struct BrokerUser: Sendable, Hashable {
    /// Lower case, e.g. `loader`.
    public let service: String
    /// `<virtual host>-<service>`: users belong to the whole broker, which several virtual hosts
    /// may share.
    public let name: String
    let permission: Permission

    /// Regular expressions over the names of exchanges and queues.
    struct Permission: Sendable, Hashable, Decodable {
        let configure: String
        let write: String
        let read: String

        /// For whoever applies the topology.
        static let everything = Permission(configure: ".*", write: ".*", read: ".*")
    }

    static let tag = "management"

    /// The user of each service, in alphabetical order.
    public static func all(in virtualHost: String) -> [BrokerUser] {
        (["ingest"] + ServiceQueues.services).sorted().map { service in
            BrokerUser(
                service: service, name: name(of: service, in: virtualHost),
                permission: permission(of: service))
        }
    }

    /// The name of a service's user.
    public static func name(of service: String, in virtualHost: String) -> String {
        "\(virtualHost == "/" ? "millrace" : virtualHost)-\(service)"
    }

    /// Passive declares and policies need no right at all; a queue's messages are moved to other
    /// exchanges by the broker itself.
    private static func permission(of service: String) -> Permission {
        guard let queues = ServiceQueues.of(service, host: anyHost) else {
            return Permission(
                configure: "^$", write: #"^millrace\.events$"#,
                read: Topology.exactly(Topology.schedule))
        }
        return Permission(
            configure: "^$", write: #"^millrace\.(events|dlx|delay\.[0-9]+s)$"#,
            read: readable(queues))
    }

    /// Its dead queue is not among them, unless it is the one that keeps the dead letters.
    private static func readable(_ queues: ServiceQueues) -> String {
        let others = queues.readable.filter { $0 != queues.dead || queues.service == "notifier" }
        return ([queues.work] + others).map(Topology.exactly).joined(separator: "|")
            .replacing(anyHost, with: ".+")
    }

    private static let anyHost = "HOST"
}

/// Where the passwords of the broker's users are kept.
public protocol BrokerPasswords: Sendable {
    /// Nil when there is none yet.
    func password(of user: String) throws -> String?
    /// Makes one and keeps it before it returns.
    func makePassword(of user: String) throws -> String
    /// Where a person finds it, e.g. the path of a file.
    func place(of user: String) -> String
}
