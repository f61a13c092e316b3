import Events
import Foundation
import Kit
import Lanes
import Outbound
import Settings
import Telemetry
import Testing

@testable import Broker
@testable import Service

/// A transformer that is not: its handler is a closure.
struct ClosureHandler: EventHandler {
    let body: @Sendable (Event) async throws -> [Event]
    func handle(_ event: Event) async throws -> [Event] { try await body(event) }
}

/// The real runtime inside the test's process.
struct RunningService: Sendable {
    let port: String
    private let signals: AsyncStream<Int32>.Continuation

    /// Does what SIGTERM does, once: a second one would end the process, and the tests with it.
    func stop() {
        signals.yield(SIGTERM)
        signals.finish()
    }

    /// Runs the runtime beside `body`, and returns its exit code.
    ///
    /// - Parameter isStopped: False for one that is expected to end by itself.
    @discardableResult
    static func with(
        _ host: TestVirtualHost, readiness: [String: @Sendable () async throws -> Void] = [:],
        background: [@Sendable () async throws -> Void] = [], arguments: [String] = [],
        isStopped: Bool = true,
        handler: @escaping @Sendable (Event) async throws -> [Event],
        _ body: (RunningService) async throws -> Void
    ) async throws -> Int32 {
        try await withFolder { folder in
            let file = "\(folder)/port"
            let runtime = try runtime(host.url, arguments + ["--http-port-file", file])
            let (stream, signals) = AsyncStream<Int32>.makeStream()
            let parts = ServiceParts(
                handler: ClosureHandler(body: handler), readiness: readiness,
                background: background)
            async let code = runtime.run(stop: stream) { _ in parts }
            try await eventually { FileManager.default.fileExists(atPath: file) }
            let port = try String(contentsOfFile: file, encoding: .utf8)
            let service = RunningService(
                port: port.trimmingCharacters(in: .newlines), signals: signals)
            do {
                try await body(service)
            } catch {
                service.stop()
                throw error
            }
            if isStopped { service.stop() }
            return await code
        }
    }

    /// Runs the runtime until it ends, as a process of its own does.
    ///
    /// - Returns: Its exit code.
    @discardableResult
    static func alone(
        _ url: String, _ arguments: [String] = [],
        handler: @escaping @Sendable (Event) async throws -> [Event]
    ) async throws -> Int32 {
        try await runtime(url, arguments).run(stop: StopSignal.stream()) { _ in
            ServiceParts(handler: ClosureHandler(body: handler))
        }
    }

    /// The text of one of its pages.
    func get(_ path: String) async throws -> String {
        let request = HTTPRequest(.get, "http://127.0.0.1:\(port)\(path)")
        return String(decoding: try await HTTPClient("test").send(request).body, as: UTF8.self)
    }

    private static func runtime(
        _ url: String, _ arguments: [String]
    ) throws -> ServiceRuntime {
        let fixed = [
            "--broker-url", url, "--host", "here", "--retry-delays", "1,1", "--log-form",
            "text", "--log-level", "error",
        ]
        var reader = SettingsReader(arguments: fixed + arguments, environment: [:])
        let settings = ServiceSettings(reading: &reader)
        try reader.finish()
        guard let broker = settings.broker else { throw BrokerError(.refused, during: "read", url) }
        return ServiceRuntime("transformer", settings, broker: broker)
    }
}

/// Collects what handlers see.
actor Notebook {
    private(set) var lines: [String] = []

    /// - Returns: How many there are now.
    @discardableResult
    func write(_ line: String) -> Int {
        lines.append(line)
        return lines.count
    }
}

func landed(_ id: String) throws -> Event {
    try Event(
        ObjectLanded(
            pipeline: "p", revision: "r", dataset: "d", object: "landing/\(id)", bytes: 1,
            sha256: nil, times: [:]),
        id: id, from: "/millrace/test/here")
}

func transformed(after event: Event) throws -> Event {
    let facts = BatchFacts(
        pipeline: "p", revision: "r", dataset: "d", batch: ULID(), objects: [], processed: nil,
        rejects: nil, times: [:])
    return try Event(
        BatchTransformed(facts: facts), id: "\(event.id).transformed",
        from: "/millrace/transformer/here", after: event)
}

extension TestVirtualHost {
    /// Says events as another service would.
    func say(_ events: [Event]) async throws {
        try await RabbitPublisher.with(
            address, name: "test", log: .init(service: "test", threshold: .error)
        ) { publisher in
            try await publisher.publish(events)
        }
    }

    /// Puts messages into a queue.
    func post(_ messages: [Message], to queue: String) async throws {
        try await RabbitPublisher.with(
            address, name: "test", log: .init(service: "test", threshold: .error)
        ) { publisher in
            try await publisher.post(
                messages.map { Posting($0, to: Topology.direct, routingKey: queue) })
        }
    }

    /// Messages ready in the work queue of a service.
    func ready(_ service: String) throws -> Int {
        let queues = try #require(ServiceQueues.of(service, host: "here"))
        let connection = try RabbitConnection(address, name: "count")
        return try connection.check(queue: queues.work)
    }

    /// Takes everything out of a queue.
    ///
    /// - Returns: The ids, oldest first.
    func ids(in queue: String) throws -> [String] {
        let connection = try RabbitConnection(address, name: "take")
        var ids: [String] = []
        while let arrival = try connection.get(queue) {
            ids.append(arrival.message.id)
            try connection.acknowledge(arrival.tag)
        }
        return ids
    }

    var deadLetters: DeadQueueLook { DeadQueueLook(host: self) }
}
