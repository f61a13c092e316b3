public import Broker
public import Events
public import Telemetry

/// What every service process has, whatever it does.
public struct ServiceContext: Sendable {
    /// Lower case, e.g. `loader`.
    public let name: String
    /// This host's name as it stands in events and queue names.
    public let host: String
    public let log: Log
    public let metrics: Metrics
    /// For what the service says on its own, not in answer to an event.
    public let publisher: any EventPublisher
    /// For the one who talks to the broker in other ways, too; nil where there is none.
    public let broker: BrokerAddress?
    /// The URL of its management API; nil where it is not known.
    public let brokerAPI: String?

    public init(
        name: String, host: String, log: Log, metrics: Metrics, publisher: any EventPublisher,
        broker: BrokerAddress? = nil, brokerAPI: String? = nil
    ) {
        self.name = name
        self.host = host
        self.log = log
        self.metrics = metrics
        self.publisher = publisher
        self.broker = broker
        self.brokerAPI = brokerAPI
    }

    /// The `source` of the events that it says.
    public var source: String { "/millrace/\(name)/\(host)" }
}

/// The concrete parts of one service, put together in its `Main.swift`.
public struct ServiceParts: Sendable {
    /// What it does with an event; nil for a service that takes none.
    public var handler: (any EventHandler)?
    /// Ready only while none of these throws; by name, e.g. `lake`, `warehouse`.
    public var readiness: [String: @Sendable () async throws -> Void]
    /// Work of its own beside the events: a watch, a sweep, a clock. Cancelled at stop.
    public var background: [@Sendable () async throws -> Void]
    /// Folders on the disks that it writes to, by what they hold: told of when nearly full.
    public var disks: [String: String]

    public init(
        handler: (any EventHandler)? = nil,
        readiness: [String: @Sendable () async throws -> Void] = [:],
        background: [@Sendable () async throws -> Void] = [], disks: [String: String] = [:]
    ) {
        self.handler = handler
        self.readiness = readiness
        self.background = background
        self.disks = disks
    }
}
