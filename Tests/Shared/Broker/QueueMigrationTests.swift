import Events
import Foundation
import Kit
import Outbound
import Testing

@testable import Broker

@Suite(
    "A queue that AMQP cannot change",
    .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"), .timeLimit(.minutes(5)))
struct QueueMigrationTests {
    @Test(
        "is made anew with all its messages, once nobody consumes it",
        arguments: [
            ("millrace.loader.work", ["x-queue-type": FieldValue.text("classic")]),
            (
                "millrace.quality.dead",
                ["x-queue-type": .text("quorum"), "x-max-length": .number(1000)]
            ),
        ])
    func anew(queue: String, arguments: [String: FieldValue]) async throws {
        try await withVirtualHost { host in
            let api = TopologyAPI(
                .millrace(hosts: ["here"]), over: host.api, virtualHost: host.name)
            try await host.api.change(.delete, ["queues", host.name, queue])
            try await host.api.change(
                .put, ["queues", host.name, queue],
                ["durable": .flag(true), "arguments": .table(arguments)])
            try await fill(queue, on: host)
            #expect(try await api.plan().contains { $0.remedy == .replace })
            await #expect(throws: BrokerError.self) { try await api.apply() }

            let consumer = try RabbitConnection(host.address, name: "test")
            _ = try consumer.consume(queue, prefetch: 1)
            let error = await #expect(throws: BrokerError.self) {
                try await api.apply(migratingAt: host.address)
            }
            #expect(error?.reason.contains("consumers use it") == true)
            consumer.close()

            _ = try await api.apply(migratingAt: host.address)
            #expect(try await api.plan() == [])
            #expect(try contents(of: queue, on: host) == (0..<300).map { "\($0) for work" })
        }
    }

    @Test("is finished after an interruption that left messages aside")
    func interrupted() async throws {
        try await withVirtualHost { host in
            let api = TopologyAPI(
                .millrace(hosts: ["here"]), over: host.api, virtualHost: host.name)
            let aside = QueueMigration.aside(of: "millrace.loader.work")
            try await host.api.declare(queue: aside, in: host.name)
            try await fill(aside, on: host)
            #expect(try await api.plan().map(\.subject) == ["queue \(aside)"])
            _ = try await api.apply(migratingAt: host.address)
            #expect(try await api.plan() == [])
            #expect(try contents(of: "millrace.loader.work", on: host).count == 300)
        }
    }

    /// Puts messages into a queue whose routing key is not its name.
    private func fill(_ queue: String, on host: TestVirtualHost) async throws {
        let way = Topology.Exchange(name: "test.way", kind: .fanout)
        try await host.api.declare(way, in: host.name)
        try await host.api.bind(
            Topology.Binding(exchange: way.name, queue: queue, key: ""), in: host.name)
        try await RabbitPublisher.with(host.address, name: "test", log: quiet) { publisher in
            try await publisher.post(
                try (0..<300).map { number in
                    Posting(
                        CloudEvent.message(for: try landed("\(number)")), to: way.name,
                        routingKey: "work")
                })
        }
        try await host.api.delete(exchange: way.name, in: host.name)
    }

    private func contents(of queue: String, on host: TestVirtualHost) throws -> [String] {
        let connection = try RabbitConnection(host.address, name: "test")
        var found: [String] = []
        while let arrival = try connection.get(queue) {
            found.append("\(arrival.message.id) for \(arrival.routingKey)")
        }
        return found
    }
}
