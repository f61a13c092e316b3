import Broker
import Events
import Foundation
import Kit
import Outbound
import Postgres
import Service
import Telemetry
import Warehouse

@testable import notifier

/// The notifier's archive of dead letters on a real broker and a real warehouse.
struct ArchiveBench: Sendable {
    let host: TestVirtualHost
    let pool: PostgresPool
    let archive: DeadLetterArchive
    let letters: DeadLetters
    let handler: NotifierHandler
    let context: ServiceContext

    /// Runs `body` with everything made and nothing running.
    static func with(
        _ body: @escaping @Sendable (ArchiveBench) async throws -> Void
    ) async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 8, applicationName: "archive test")
            try await SystemSchema.migrate(pool)
            try await withVirtualHost { host in
                try await RabbitPublisher.with(
                    host.address, name: "archive test", log: Log(service: "test", threshold: .error)
                ) { publisher in
                    let context = NotifierBench.context(publisher)
                    let archive = DeadLetterArchive(pool)
                    let handler = NotifierHandler(
                        table: AlertTable(pool: pool, grouping: .off),
                        dispatcher: Dispatcher(
                            DeliveryQueue(
                                pool: pool, presence: Presence(pool, context), rule: .usual),
                            Courier(
                                mail: nil,
                                webhooks: WebhookSender(client: .init("none"), allowed: [])),
                            RetryPolicy(delays: []), context),
                        archive: archive,
                        alerts: LetterAlerting(LetterAlertTable(pool: pool), archive, context))
                    try await body(
                        ArchiveBench(
                            host: host, pool: pool, archive: archive,
                            letters: DeadLetters(pool), handler: handler, context: context))
                }
            }
        }
    }

    /// Runs `count` notifiers' archives beside `body`.
    func running(
        _ count: Int = 1, pause: Duration = .seconds(50),
        check: @escaping @Sendable () async throws -> Void = {},
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                let alerts = LetterAlerting(
                    LetterAlertTable(pool: pool, pause: pause), archive, context)
                let archiving = Archiving(
                    queues: DeadQueues(host.address), archive: archive, check: check,
                    alerts: alerts, context: context)
                group.addTask { try await archiving.run() }
                group.addTask { try await alerts.run() }
            }
            defer { group.cancelAll() }
            try await body()
        }
    }

    /// Puts messages into a service's dead queue, as the runtime does.
    func setAside(_ messages: [Message], service: String = "transformer") async throws {
        try await post(messages, to: Topology.deadLetters, key: "millrace.\(service).work")
    }

    func post(_ messages: [Message], to exchange: String, key: String) async throws {
        let host = host
        try await RabbitPublisher.with(
            host.address, name: "test", log: Log(service: "test", threshold: .error)
        ) { publisher in
            try await publisher.post(messages.map { Posting($0, to: exchange, routingKey: key) })
        }
    }

    func count(_ sql: String) async throws -> Int {
        try await pool.query("select count(*) as n from \(sql)").first?.integer("n") ?? 0
    }

    func waiting(_ states: [KeptLetter.State] = [.waiting]) async throws -> [KeptLetter] {
        try await letters.list(LetterFilter(states: states), limit: 1000)
    }
}

/// An event for the transformer.
func landedMessage(_ id: String, pipeline: String = "p") throws -> Message {
    let landed = ObjectLanded(
        pipeline: pipeline, revision: "r", dataset: "d", object: "landing/\(id)", bytes: 1,
        sha256: nil, times: [:])
    return CloudEvent.message(for: try Event(landed, id: id, from: "/millrace/test/here"))
}

/// An event that a service has given up on, as its runtime marks it.
func deadMessage(
    _ id: String, error: String = "lake.missing", pipeline: String = "p", replays: Int = 0,
    at second: Int = 1_700_000_000
) throws -> Message {
    var message = try landedMessage(id, pipeline: pipeline)
    let time = EventJSON.text(of: Date(timeIntervalSince1970: Double(second)))
    for (name, text) in [
        ("dead-reason", "failed"), ("error-class", error), ("error-message", "no object \(id)"),
        ("last-failed-at", time), ("first-failed-at", time), ("host", "here"),
    ] {
        message.headers["millrace-\(name)"] = .text(text)
    }
    message.headers["millrace-attempt"] = .number(3)
    message.headers["millrace-replay-count"] = .number(replays)
    return message
}
