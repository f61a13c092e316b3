/// What must exist on the broker for Millrace to run, as data.
///
/// Queues are declared with their type alone and everything that may ever change stands in
/// policies: AMQP refuses to redeclare a queue with other arguments.
public struct Topology: Sendable, Equatable {
    /// A durable exchange.
    public struct Exchange: Sendable, Hashable {
        public enum Kind: String, Sendable { case topic, direct, fanout }
        public let name: String
        public let kind: Kind
    }

    /// What sends messages from an exchange to a queue.
    public struct Binding: Sendable, Hashable {
        public let exchange: String
        public let queue: String
        public let key: String
    }

    /// Settings that the broker lays over the queues or exchanges with matching names.
    public struct Policy: Sendable, Hashable {
        public enum Target: String, Sendable {
            case queues, exchanges, all
            /// Known to newer brokers.
            case quorumQueues = "quorum_queues"
        }
        public let name: String
        public let pattern: String
        public let target: Target
        public let definition: [String: FieldValue]
        /// Ours go before others that someone laid over all queues: only one can hold.
        public var priority = 10
    }

    /// Facts, routed by `<entity>.<verb>.<pipeline>.<dataset>`.
    public static let events = "millrace.events"
    /// Straight to a queue by its name: the end of a delay, a replay.
    public static let direct = "millrace.direct"
    /// To a service's dead queue, by the name of its work queue.
    public static let deadLetters = "millrace.dlx"
    /// The exchange and the queue of what a delay or a dead letter could not be routed to.
    public static let unrouted = "millrace.unrouted"

    /// The queue whose one consumer is the scheduler of all hosts: `BrokerLease`.
    public static let schedule = "millrace.schedule"
    /// Brings the token that its consumer holds.
    static let scheduleKey = "lease.schedule"

    public let exchanges: [Exchange]
    /// Durable quorum queues, dead ones before the work queues that need them.
    public let queues: [String]
    public let bindings: [Binding]
    public let policies: [Policy]
    /// The services that it serves.
    public let services: [ServiceQueues]

    /// The topology of a stack.
    ///
    /// - Parameter hosts: The hosts that run a lander; each has a queue of its own.
    public static func millrace(hosts: [String]) -> Topology {
        let services = ServiceQueues.all(hosts: hosts)
        let levels = DelayLevel.all
        let exchanges =
            [
                Exchange(name: unrouted, kind: .fanout), Exchange(name: events, kind: .topic),
                Exchange(name: direct, kind: .direct), Exchange(name: deadLetters, kind: .direct),
            ] + levels.map { Exchange(name: $0.name, kind: .fanout) }
        return Topology(
            exchanges: exchanges,
            queues: [unrouted, schedule] + ServiceQueues.services.map(ServiceQueues.dead)
                + services.map(\.work) + levels.map(\.name),
            bindings: bindings(services, levels), policies: policies(services, levels),
            services: services)
    }

    /// The arguments of a queue beside its type; nearly all have none.
    static func arguments(of queue: String) -> [String: FieldValue] {
        queue == schedule ? ["x-single-active-consumer": .flag(true)] : [:]
    }

    /// A queue's type and arguments in one line.
    static func form(of queue: String) -> String {
        (["quorum"] + arguments(of: queue).map { "\($0.key)=\($0.value.shown)" }.sorted())
            .joined(separator: " ")
    }

    /// The same for these hosts, too.
    func keeping(_ hosts: [String]) -> Topology {
        .millrace(hosts: Set(services.compactMap(\.host)).union(hosts).sorted())
    }

    /// What of it one service needs.
    ///
    /// - Parameter queues: Nil for a service that takes no events: the ingest, which schedules.
    func needed(by queues: ServiceQueues?) -> Topology {
        let names =
            queues.map { [$0.work] + $0.readable + DelayLevel.all.map(\.name) } ?? [Self.schedule]
        return Topology(
            exchanges: exchanges, queues: self.queues.filter(names.contains),
            bindings: bindings.filter { names.contains($0.queue) },
            policies: policies.filter { policy in
                policy.target == .exchanges || names.contains { policy.holds(for: $0, .queues) }
            }, services: queues.map { [$0] } ?? [])
    }

    private static func bindings(
        _ services: [ServiceQueues], _ levels: [DelayLevel]
    ) -> [Binding] {
        let fixed = [
            Binding(exchange: unrouted, queue: unrouted, key: ""),
            Binding(exchange: events, queue: schedule, key: scheduleKey),
        ]
        let delays = levels.map { Binding(exchange: $0.name, queue: $0.name, key: "") }
        let own = services.flatMap { service in
            [
                Binding(exchange: deadLetters, queue: service.dead, key: service.work),
                Binding(exchange: direct, queue: service.work, key: service.work),
            ]
                + service.patterns.map {
                    Binding(exchange: events, queue: service.work, key: $0)
                }
        }
        return fixed + delays + own
    }
}
