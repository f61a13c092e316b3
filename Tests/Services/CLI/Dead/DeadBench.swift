import Events
import Foundation
import Kit
import Postgres
import Processes
import Stack
import Telemetry
import Warehouse

@testable import Broker

/// A broker and a warehouse with dead letters, the command line as a process, and a service that is
/// none.
struct DeadBench: Sendable {
    static let program = ServerPrograms.ownFolder + "/millrace"
    static let canRun =
        TestBroker.isAvailable && TestWarehouse.isAvailable && access(program, X_OK) == 0

    /// What the service does with what is sent to it again.
    enum Verdict: Sendable { case handles, failsAgain, ignores }

    let host: TestVirtualHost
    let pool: PostgresPool
    let archive: DeadLetterArchive
    private let warehouseURL: String

    static func with(
        isMigrated: Bool = true, _ body: @escaping @Sendable (DeadBench) async throws -> Void
    ) async throws {
        try await withDatabase { address in
            let pool = PostgresPool(address, size: 4, applicationName: "dead test")
            if isMigrated { try await SystemSchema.migrate(pool) }
            guard var parts = TestWarehouse.url.flatMap({ URLComponents(string: $0) }) else {
                throw CommandFailure(text: "no warehouse")
            }
            parts.path = "/\(address.database)"
            let url = parts.string ?? ""
            try await withVirtualHost { host in
                try await body(
                    DeadBench(
                        host: host, pool: pool, archive: DeadLetterArchive(pool), warehouseURL: url)
                )
            }
        }
    }

    /// Keeps letters as the notifier does.
    func keep(
        _ ids: [String], error: String = "lake.missing", pipeline: String = "p", replays: Int = 0
    ) async throws {
        _ = try await archive.keep(
            try ids.map { try letter($0, error: error, pipeline: pipeline, replays: replays) })
    }

    func letter(
        _ id: String, error: String = "lake.missing", pipeline: String = "p", replays: Int = 0
    ) throws -> DeadLetter {
        let event = try Event(
            ObjectLanded(
                pipeline: pipeline, revision: "r", dataset: "d", object: "landing/\(id)", bytes: 1,
                sha256: nil, times: [:]),
            id: id, from: "/millrace/test/here")
        var message = CloudEvent.message(for: event)
        message.headers[MillraceHeader.reason] = .text("failed")
        message.headers[MillraceHeader.errorClass] = .text(error)
        message.headers[MillraceHeader.errorMessage] = .text("no object \(id)")
        message.headers[MillraceHeader.replays] = .number(replays)
        message.headers[MillraceHeader.attempt] = .number(3)
        message.headers[MillraceHeader.maximumAttempts] = .number(3)
        message.headers[MillraceHeader.lastFailedAt] = .text(EventJSON.text(of: Date()))
        message.headers["x-death"] = .list([.table(["reason": .text("rejected")])])
        return DeadLetter(message, of: "transformer", routingKey: "millrace.transformer.work")
    }

    /// Runs a transformer that is not beside `body`; what it took comes back, in order.
    func serving(
        _ verdict: @escaping @Sendable (Broker.Delivery) -> Verdict,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> [Message] {
        let taken = Collected()
        try await withThrowingTaskGroup(of: Void.self) { group in
            let consumer = RabbitConsumer(
                host.address, queues: try queues(), prefetch: 100, name: "test",
                log: Log(service: "test", threshold: .error))
            group.addTask { try await consumer.run() }
            group.addTask {
                while let delivery = await consumer.next() {
                    await taken.add(delivery.message)
                    try await answer(delivery, verdict(delivery))
                    await consumer.acknowledge(delivery)
                }
            }
            try await body()
            group.cancelAll()
        }
        return await taken.messages
    }

    private func answer(_ delivery: Broker.Delivery, _ verdict: Verdict) async throws {
        let id = delivery.message.id
        switch verdict {
        case .handles:
            try await archive.resolve(service: "transformer", letter: id, replays: delivery.replays)
        case .failsAgain:
            try await keep([id], replays: delivery.replays)
        case .ignores: break
        }
    }

    private func queues() throws -> ServiceQueues {
        guard let queues = ServiceQueues.of("transformer", host: "here") else {
            throw CommandFailure(text: "no transformer")
        }
        return queues
    }

    /// Calls the command line as a person does who has no local stack.
    func millrace(_ words: String...) async throws -> (code: Int32, text: String, errors: String) {
        try await millrace(words)
    }

    func millrace(
        _ words: [String]
    ) async throws -> (code: Int32, text: String, errors: String) {
        let result = try await run(command(words))
        var code: Int32 = -1
        if case .exited(let number) = result.ending { code = number }
        return (code, result.text, result.errorText)
    }

    func command(_ words: [String]) -> Command {
        var environment = ProcessInfo.processInfo.environment
        environment["MILLRACE_BROKER_URL"] = host.url
        environment["MILLRACE_WAREHOUSE_URL"] = warehouseURL
        environment["MILLRACE_DATA"] = "/nonexistent/\(host.name)"
        environment["NO_COLOR"] = "1"
        return Command(
            Self.program, words, environment: environment,
            output: .capture(.first, limitBytes: 1 << 20), timeLimit: .seconds(120))
    }

    func states() async throws -> [String: Int] {
        let rows = try await pool.query(
            "select state, count(*) as n from millrace.dead_letters group by state")
        return Dictionary(
            try rows.map { (try $0.text("state"), try $0.integer("n")) }, uniquingKeysWith: +)
    }

    /// Messages ready in the transformer's queue.
    func ready() throws -> Int {
        try RabbitConnection(host.address, name: "count").check(queue: "millrace.transformer.work")
    }
}

/// What a test cannot go on without.
struct CommandFailure: Error { let text: String }

private actor Collected {
    private(set) var messages: [Message] = []
    func add(_ message: Message) { messages.append(message) }
}
