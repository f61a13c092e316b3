public import Events

/// A service's place in the topology: what it takes, from which queue, and where its dead go.
public struct ServiceQueues: Sendable, Hashable {
    /// Lower case, e.g. `loader`.
    public let service: String
    /// Set where the events belong to one host, because only that host has what they stand for.
    public let host: String?
    /// Routing patterns of the events that it takes.
    public let patterns: [String]

    /// The queue that the service consumes.
    public var work: String { "millrace.\(stem).work" }
    /// The queue of events set aside for a person: one for all hosts, so that whoever looks after
    /// the dead need not know where a service runs.
    public var dead: String { Self.dead(of: service) }

    /// The queues other than its work queue that it reads or at least must find: its dead queue;
    /// whoever keeps the dead letters reads those of all services, and what had no way to go.
    var readable: [String] {
        service == "notifier"
            ? [Topology.unrouted] + Self.services.map(Self.dead) : [dead]
    }

    private var stem: String { host.map { "\(service).\($0)" } ?? service }

    /// The host whose lander has that work queue; nil when it is another's.
    public static func host(ofLanderQueue name: String) -> String? {
        let (prefix, suffix) = ("millrace.lander.", ".work")
        guard name.hasPrefix(prefix), name.hasSuffix(suffix),
            name.count > prefix.count + suffix.count
        else { return nil }
        return String(name.dropFirst(prefix.count).dropLast(suffix.count))
    }

    /// The services that take events, in alphabetical order.
    public static let services: [String] = taken.keys.sorted()

    /// The dead queue of a service, wherever it runs.
    public static func dead(of service: String) -> String { "millrace.\(service).dead" }

    /// The queues of a service; nil for one that takes no events.
    public static func of(_ service: String, host: String) -> ServiceQueues? {
        guard let patterns = taken[service] else { return nil }
        let isPerHost = perHost.contains(service)
        return ServiceQueues(service: service, host: isPerHost ? host : nil, patterns: patterns)
    }

    /// Every service that takes events, the ones per host once for each host.
    public static func all(hosts: [String]) -> [ServiceQueues] {
        services.flatMap { service in
            perHost.contains(service)
                ? hosts.compactMap { of(service, host: $0) }
                : [of(service, host: "")].compactMap(\.self)
        }
    }

    /// True when some service of the topology takes events of that kind, so that one which nobody
    /// is bound for would be lost work. The others are news: fine when nobody listens.
    public static func haveReader(for kind: EventKind) -> Bool {
        readers.contains { $0.takes(kind) }
    }

    /// True when the service's queue is bound for events of that kind.
    public func takes(_ kind: EventKind) -> Bool {
        let key = "\(kind.rawValue).".utf8
        return patterns.contains { pattern in key.starts(with: pattern.utf8.dropLast()) }
    }

    private static let readers = all(hosts: ["any"])

    private static let perHost: Set<String> = ["lander"]

    private static let taken: [String: [String]] = [
        "lander": ["segment.captured.#"],
        "transformer": ["object.landed.#", "replay.requested.#", "run.due.#"],
        "loader": [
            "batch.transformed.#", "batch.approved.#", "batch.refused.#", "batch.published.#",
        ],
        "quality": [
            "batch.staged.#", "batch.published.#", "model.refreshed.#", "schema.changed.#",
        ],
        "notifier": ["alert.#", "dead_letter.#"],
    ]
}
