import Broker
import Events

/// What is wrong with services, as the broker shows it: nobody takes from a queue, or too much
/// waits in it. Nobody can tell of the notifier itself: `millrace status` and the readiness probe
/// of its host do.
actor QueueConditions {
    private let api: ManagementAPI
    private let virtualHost: String
    /// More messages in a queue are a backlog.
    private let limit: Int
    private let now: @Sendable () -> ContinuousClock.Instant
    /// Since when nobody takes from a queue.
    private var alone: [String: ContinuousClock.Instant] = [:]
    /// The broker's figures are some seconds old, and a service that is started anew needs some.
    private static let patience = Duration.seconds(15)

    init(
        _ api: ManagementAPI, virtualHost: String, limit: Int,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.api = api
        self.virtualHost = virtualHost
        self.limit = limit
        self.now = now
    }

    func look() async throws -> [Condition] {
        let queues = try await api.queues(in: virtualHost)
        let watched = queues.compactMap { queue in
            Self.service(of: queue.name).map { (queue, $0) }
        }
        let empty = Set(watched.filter { $0.0.consumers == 0 }.map { $0.0.name })
        alone = alone.filter { empty.contains($0.key) }
        for name in empty where alone[name] == nil { alone[name] = now() }
        return watched.flatMap { queue, service in
            [down(queue, service), backlog(queue, service)].compactMap(\.self)
        }
    }

    private func down(_ queue: ManagementAPI.Queue, _ service: String) -> Condition? {
        guard let since = alone[queue.name], now() - since >= Self.patience else { return nil }
        return Condition(
            key: "service_down:\(queue.name)", topic: "service_down", severity: .critical,
            pipeline: "_", dataset: "_", title: "\(service) is down",
            detail: "Nobody takes from \(queue.name), where \(queue.messages) messages wait. "
                + "Nothing is lost: they are handled when it runs again.",
            command: "millrace status")
    }

    private func backlog(_ queue: ManagementAPI.Queue, _ service: String) -> Condition? {
        guard queue.messages > limit else { return nil }
        return Condition(
            key: "backlog:\(queue.name)", topic: "backlog", severity: .warning, pipeline: "_",
            dataset: "_", title: "\(service) is behind: more than \(limit) messages wait",
            detail: "In \(queue.name).", command: "millrace status")
    }

    /// Which service takes from a queue; nil where none has to.
    static func service(of queue: String) -> String? {
        // Its consumer is the scheduler of one of the ingests.
        if queue == Topology.schedule { return "ingest" }
        if let host = ServiceQueues.host(ofLanderQueue: queue) { return "lander on \(host)" }
        return ServiceQueues.services.first { service in
            service != "notifier" && service != "lander"
                && ServiceQueues.of(service, host: "")?.work == queue
        }
    }
}
