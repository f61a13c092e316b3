import Events
import Foundation
import Kit
import Outbound
import Testing

@testable import Broker

@Suite(
    "A consumer on a broker", .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"),
    .timeLimit(.minutes(5)))
struct RabbitConsumerTests {
    @Test("is handed no more than its prefetch until it answers")
    func prefetch() async throws {
        try await consuming(prefetch: 2) { host, consumer in
            try await say(4, on: host)
            let first = try #require(await consumer.next())
            _ = try #require(await consumer.next())
            try await eventually { try host.depth() == 2 }
            await consumer.acknowledge(first)
            let third = try #require(await consumer.next())
            #expect(third.message.id == "2")
            #expect(third.attempt == 1 && !third.isRedelivered)
        }
    }

    @Test("gives back what nobody has taken while it shall have none, and gets it again")
    func suspended() async throws {
        try await consuming(prefetch: 10) { host, consumer in
            try await say(3, on: host)
            let held = try #require(await consumer.next())
            await consumer.admit(0)
            try await eventually { try host.depth() == 2 }
            #expect(await consumer.holds(held))
            await consumer.acknowledge(held)
            await consumer.admit(10)
            let again = [await consumer.next(), await consumer.next()]
            #expect(Set(again.compactMap { $0?.message.id }) == ["1", "2"])
        }
    }

    @Test("ends its takers' wait when it stops")
    func stops() async throws {
        try await consuming(prefetch: 1) { _, consumer in
            await withTaskGroup(of: Delivery?.self) { group in
                for _ in 0..<3 { group.addTask { await consumer.next() } }
                await consumer.stop()
                for await delivery in group { #expect(delivery == nil) }
            }
        }
    }

    @Test("is handed one at a time, or more, as it is told")
    func admitted() async throws {
        try await consuming(prefetch: 1) { host, consumer in
            try await say(5, on: host)
            let first = try #require(await consumer.next())
            await consumer.admit(3)
            try await eventually { try host.depth() == 1 }
            await consumer.acknowledge(first)
            for _ in 0..<3 { await consumer.acknowledge(try #require(await consumer.next())) }
            await consumer.admit(1)
            #expect(await consumer.next()?.message.id == "4")
        }
    }

    @Test("asks for nothing when it is told to after its stop")
    func resumedAfterStop() async throws {
        try await consuming(prefetch: 1) { host, consumer in
            await consumer.admit(0)
            try await say(1, on: host)
            await consumer.stop()
            await consumer.admit(1)
            for _ in 0..<20 {
                #expect(try host.depth() == 1)
                try await Task.sleep(for: .milliseconds(10))
            }
            let message = try #require(
                try RabbitConnection(host.address, name: "look").get(try transformer().work))
            #expect(!message.isRedelivered)
        }
    }

    @Test("does not believe in answers over a connection that is gone")
    func stale() async throws {
        try await consuming(prefetch: 1) { host, consumer in
            try await say(1, on: host)
            let lost = try #require(await consumer.next())
            try await killConnections(of: host)
            let again = try #require(await consumer.next())
            #expect(again.isRedelivered && again.message.id == lost.message.id)
            #expect(await !consumer.holds(lost))
            await consumer.acknowledge(lost)
            await consumer.acknowledge(again)
            await consumer.stop()
            #expect(try host.depth() == 0)
        }
    }

    @Test("hears that its queue was deleted, and goes on when it is there again")
    func deleted() async throws {
        try await consuming(prefetch: 1) { host, consumer in
            let queue = try transformer().work
            try await host.api.change(.delete, ["queues", host.name, queue])
            try await eventually { !consumer.isConnected }
            let topology = Topology.millrace(hosts: ["here"])
            _ = try await TopologyAPI(topology, over: host.api, virtualHost: host.name).apply()
            try await say(1, on: host)
            #expect(await consumer.next()?.message.id == "0")
        }
    }

    @Test("leaves to the broker's limit what crashes its taker each time")
    func crashes() async throws {
        try await consuming(prefetch: 1) { host, consumer in
            try await say(1, on: host)
            for _ in 0..<11 {
                let delivery = try #require(await consumer.next())
                await consumer.reject(delivery, requeue: true)
            }
            let queues = DeadQueues(host.address)
            var taken: [DeadLetter] = []
            try await eventually(within: .seconds(30)) {
                taken += try await queues.take().map(\.letter)
                return !taken.isEmpty
            }
            #expect(taken.map(\.reason) == ["delivery_limit"])
            #expect(taken.map(\.queue) == ["millrace.transformer.work"])
        }
    }

    @Test("takes a stranger's message that has no id, no type and no headers")
    func bare() async throws {
        try await consuming(prefetch: 50) { host, consumer in
            let strange: [String: FieldValue] = [
                "routing_key": .text(try landed("0").routingKey), "properties": .table([:]),
                "payload": .text("hello?"), "payload_encoding": .text("string"),
            ]
            let path = ["exchanges", host.name, Topology.events, "publish"]
            // What the library leaves in unset properties is from earlier frames: many are needed.
            for _ in 0..<20 {
                try await say(1, on: host)
                try await host.api.change(.post, path, strange)
            }
            var bare: [Message] = []
            for _ in 0..<40 {
                let message = try #require(await consumer.next()).message
                if message.id.isEmpty { bare.append(message) }
            }
            #expect(bare.count == 20)
            #expect(bare.allSatisfy { $0.contentType.isEmpty && $0.headers["x-sent"] == nil })
        }
    }

    private func consuming(
        prefetch: Int,
        _ body: @escaping @Sendable (TestVirtualHost, RabbitConsumer) async throws -> Void
    ) async throws {
        try await withVirtualHost { host in
            let consumer = RabbitConsumer(
                host.address, queues: try transformer(), prefetch: prefetch, name: "test",
                log: quiet)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await consumer.run() }
                try await eventually { consumer.isConnected }
                try await body(host, consumer)
                group.cancelAll()
            }
        }
    }

    private func say(_ count: Int, on host: TestVirtualHost) async throws {
        try await RabbitPublisher.with(host.address, name: "test", log: quiet) { publisher in
            try await publisher.publish(try (0..<count).map { try landed("\($0)") })
        }
    }
}

extension TestVirtualHost {
    /// Messages ready in the transformer's queue.
    fileprivate func depth() throws -> Int {
        try RabbitConnection(address, name: "count").check(queue: try transformer().work)
    }
}
