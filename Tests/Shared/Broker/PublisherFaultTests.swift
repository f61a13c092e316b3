import Events
import Foundation
import Kit
import Outbound
import Testing

@testable import Broker

@Suite(
    "A publisher with a message that goes wrong",
    .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"), .timeLimit(.minutes(3)))
struct PublisherFaultTests {
    @Test("fails the call whose message nobody is bound for, and no other call of the same window")
    func unroutable() async throws {
        try await withVirtualHost(hosts: []) { host in
            try await publishing(to: host.address) { publisher in
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    for call in 0..<30 {
                        group.addTask {
                            var events = try (0..<5).map { try landed("\(call)-\($0)") }
                            // No host, so no lander's queue.
                            if call == 13 { events[2].kind = .segmentCaptured }
                            do {
                                try await publisher.publish(events)
                                return call != 13
                            } catch let error as BrokerError {
                                return call == 13 && error.kind == .unroutable
                                    && error.replyCode == 312
                            }
                        }
                    }
                    for try await isRight in group { #expect(isRight) }
                }
            }
            // The neighbours in the failed call arrived, too: it may have happened or not.
            #expect(try host.ready(try transformer().work) == 149)
        }
    }

    @Test("fails what is for an exchange that is not there, and sends all else")
    func missingExchange() async throws {
        try await withVirtualHost { host in
            try await publishing(to: host.address) { publisher in
                async let good: Void = publisher.publish(try (0..<200).map { try landed("\($0)") })
                let bad = Posting(Message(id: "bad", body: Data()), to: "nowhere", routingKey: "k")
                let error = await #expect(throws: BrokerError.self) {
                    try await publisher.post([bad])
                }
                #expect(error?.kind == .topology && error?.replyCode == 404)
                try await good
                try await publisher.publish([try landed("after")])
            }
            #expect(Set(try await ids(on: host)) == Set((0..<200).map { "\($0)" } + ["after"]))
        }
    }

    @Test("says that a queue is full, and goes on when there is room again")
    func full() async throws {
        try await withVirtualHost(hosts: nil) { host in
            let arguments: [String: FieldValue] = [
                "x-queue-type": .text("quorum"), "x-max-length": .number(5),
                "x-overflow": .text("reject-publish"),
            ]
            try await host.api.change(
                .put, ["queues", host.name, "q"],
                ["durable": .flag(true), "arguments": .table(arguments)])
            try await publishing(to: host.address) { publisher in
                let posting = Posting(
                    Message(id: "m", body: Data("x".utf8)), to: "", routingKey: "q")
                var refusals = 0
                // The broker may take some more than its limit.
                for _ in 0..<30 {
                    do { try await publisher.post([posting]) } catch let error as BrokerError {
                        #expect(error.kind == .full && error.disposition == .transient)
                        refusals += 1
                    }
                }
                #expect((1...25).contains(refusals))
                try await host.api.change(.delete, ["queues", host.name, "q", "contents"])
                try await eventually(within: .seconds(60)) {
                    do { try await publisher.post([posting]) } catch is BrokerError { return false }
                    return true
                }
            }
        }
    }

    @Test(
        "carries a body of any size up to the limit",
        arguments: [0, 1, (128 << 10) - 9, (128 << 10) - 8, 128 << 10, 1 << 20, 16 << 20])
    func sizes(bytes: Int) async throws {
        try await withVirtualHost { host in
            var event = try landed("1")
            event.data = Data((0..<bytes).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
            let sent = event
            try await publishing(to: host.address) { try await $0.publish([sent]) }
            try await withConsumer(on: host) { consumer in
                let delivery = try #require(await consumer.next())
                #expect(try CloudEvent.event(in: delivery.message).data == sent.data)
                await consumer.acknowledge(delivery)
            }
        }
    }

    @Test("refuses what no frame or no rule has room for, and nothing beside it")
    func tooMuch() async throws {
        try await withVirtualHost { host in
            try await publishing(to: host.address) { publisher in
                let body = Message(id: "body", body: Data(count: 16 << 20 + 1))
                let head = Message(
                    id: "head", headers: ["h": .text(String(repeating: "h", count: 65 << 10))],
                    body: Data())
                let name = Message(
                    id: "name", headers: [String(repeating: "n", count: 200): .number(1)],
                    body: Data())
                for message in [body, head, name] {
                    async let beside: Void = publisher.publish([try landed("beside \(message.id)")])
                    let posting = Posting(
                        message, to: Topology.events, routingKey: "object.landed.p.d")
                    let error = await #expect(throws: BrokerError.self) {
                        try await publisher.post([posting])
                    }
                    #expect(error?.kind == .unsendable && error?.disposition == .permanent)
                    try await beside
                }
                #expect(publisher.isConnected)
            }
        }
    }

    @Test("carries headers up to the limit, a table of 64 KiB")
    func headers() async throws {
        try await withVirtualHost { host in
            var message = CloudEvent.message(for: try landed("1"))
            for number in 0..<60 {
                message.headers["h\(number)"] = .text(String(repeating: "v", count: 1000))
            }
            let posting = Posting(message, to: Topology.events, routingKey: "object.landed.p.d")
            try await publishing(to: host.address) { try await $0.post([posting]) }
            try await withConsumer(on: host) { consumer in
                #expect(await consumer.next()?.message == posting.message)
            }
        }
    }

    @Test("ends a cancelled call alone")
    func cancelled() async throws {
        try await withVirtualHost { host in
            try await host.withProxy { proxy, address in
                try await publishing(to: address) { publisher in
                    proxy.become(.stalled)
                    let kept = Task { try await publisher.publish([try landed("kept")]) }
                    let gone = Task { try await publisher.publish([try landed("gone")]) }
                    gone.cancel()
                    await #expect(throws: CancellationError.self) { try await gone.value }
                    proxy.become(.fine)
                    try await kept.value
                    try await publisher.publish([try landed("next")])
                }
            }
            #expect(try await ids(on: host).contains("kept"))
        }
    }

    private func ids(on host: TestVirtualHost) async throws -> [String] {
        let count = try host.ready(try transformer().work)
        return try await withConsumer(on: host) { consumer in
            var ids: [String] = []
            while ids.count < count, let delivery = await consumer.next() {
                ids.append(delivery.message.id)
                await consumer.acknowledge(delivery)
            }
            return ids
        }
    }
}
