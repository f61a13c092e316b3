import Events
import Foundation
import Kit
import Outbound
import Testing

@testable import Broker

@Suite(
    "A consumer whose queue or connection goes wrong",
    .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"), .timeLimit(.minutes(3)))
struct ConsumerFaultTests {
    @Test("keeps a second answer to the same delivery to itself")
    func twice() async throws {
        try await withVirtualHost { host in
            try await say(3, on: host)
            try await withConsumer(on: host, prefetch: 2) { consumer in
                let first = try #require(await consumer.next())
                for _ in 0..<3 { await consumer.acknowledge(first) }
                await consumer.reject(first, requeue: true)
                // The broker would end the channel for it, and all would come again.
                for id in ["1", "2"] {
                    let delivery = try #require(await consumer.next())
                    #expect(delivery.message.id == id && !delivery.isRedelivered)
                    await consumer.acknowledge(delivery)
                }
                #expect(await consumer.holds(first))
            }
            #expect(try host.ready(try transformer().work) == 0)
        }
    }

    @Test("that the broker ends gives everything back at once")
    func closed() async throws {
        try await withVirtualHost { host in
            try await say(5, on: host)
            let work = try transformer().work
            let connection = try RabbitConnection(host.address, name: "test")
            _ = try connection.consume(work, prefetch: 5)
            try await eventually(within: .seconds(30)) { try host.ready(work) == 0 }
            try connection.acknowledge(99)
            let error = try await eventualError(of: connection)
            #expect(error.replyCode == 406 && error.disposition == .transient)
            // The broker waits for the answer to its goodbye, and hands out nothing before it.
            connection.close()
            try await eventually(within: .seconds(30)) { try host.ready(work) == 5 }
        }
    }

    @Test("goes on when its queue is emptied")
    func emptied() async throws {
        try await withVirtualHost { host in
            let work = try transformer().work
            try await withConsumer(on: host, prefetch: 1) { consumer in
                try await say(5, on: host)
                let held = try #require(await consumer.next())
                try await host.api.change(.delete, ["queues", host.name, work, "contents"])
                await consumer.acknowledge(held)
                try await say(1, on: host)
                let next = try #require(await consumer.next())
                #expect(next.message.id == "0")
                await consumer.acknowledge(next)
            }
            #expect(try host.ready(work) == 0)
        }
    }

    @Test("fails loudly at its start when its queue is not there")
    func missing() async throws {
        try await withVirtualHost(hosts: nil) { host in
            let consumer = RabbitConsumer(
                host.address, queues: try transformer(), prefetch: 1, name: "test", log: quiet)
            let error = await #expect(throws: BrokerError.self) { try await consumer.run() }
            #expect(
                error?.kind == .topology
                    && error?.reason.contains("millrace topology apply") == true)
        }
    }

    @Test("gets what it sent into a delay again and again: the broker's marks do not come along")
    func delays() async throws {
        try await withVirtualHost { host in
            try await say(1, on: host)
            try await withConsumer(on: host) { consumer in
                try await publishing(to: host.address) { publisher in
                    for attempt in 1...3 {
                        let delivery = try #require(await consumer.next())
                        #expect(delivery.attempt == attempt)
                        // From the second time on the broker has written where it has been.
                        #expect((delivery.message.headers["x-death"] == nil) == (attempt == 1))
                        let failed = FailedDelivery(
                            delivery, of: try transformer(), on: "here",
                            with: BrokerError(.timedOut, during: "test", "away"), maximumAttempts: 9
                        )
                        try await publisher.post([failed.retry(after: DelayLevel(seconds: 1))])
                        await consumer.acknowledge(delivery)
                    }
                    #expect(await consumer.next()?.attempt == 4)
                }
            }
        }
    }

    /// The error that ends a connection, once the broker has sent it.
    private func eventualError(of connection: RabbitConnection) async throws -> BrokerError {
        var found: BrokerError?
        try await eventually(within: .seconds(30)) {
            do throws(BrokerError) { while try connection.next() != nil {} } catch { found = error }
            return found != nil
        }
        return try #require(found)
    }

    private func say(_ count: Int, on host: TestVirtualHost) async throws {
        try await publishing(to: host.address) { publisher in
            try await publisher.publish(try (0..<count).map { try landed("\($0)") })
        }
    }
}
