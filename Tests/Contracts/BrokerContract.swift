import Events
import Kit
import Testing

@testable import Broker

/// What a service may rely on between saying an event and having dealt with it. The list is that
/// of the suites which queue libraries run against each of their adapters.
@Suite(
    "A broker", .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"),
    .timeLimit(.minutes(3)))
struct BrokerContract {
    @Test("keeps what was said before anybody listened, whole and in order")
    func earlier() async throws {
        try await withVirtualHost { host in
            let events = try (0..<100).map { try Sample.landed($0) }
            try await say(events, on: host)
            try await withConsumer(on: host) { consumer in
                for event in events {
                    let delivery = try #require(await consumer.next())
                    #expect(try CloudEvent.event(in: delivery.message) == event)
                    #expect(
                        delivery.exchange == Topology.events
                            && delivery.routingKey == event.routingKey)
                    #expect(!delivery.isRedelivered)
                    await consumer.acknowledge(delivery)
                }
            }
        }
    }

    @Test("gives each event to one of a service's consumers, and to each of their takers in turn")
    func competing() async throws {
        try await withVirtualHost { host in
            let (seen, others) = (Seen(), Seen())
            try await withConsumer(on: host, prefetch: 5) { one in
                try await withConsumer(on: host, prefetch: 5) { other in
                    try await say(300, on: host)
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for (consumer, seen) in [
                            (one, seen), (one, seen), (other, others), (other, others),
                        ] {
                            group.addTask {
                                while let delivery = await consumer.next() {
                                    await seen.add(delivery.message.id)
                                    await consumer.acknowledge(delivery)
                                }
                            }
                        }
                        try await eventually(within: .seconds(60)) {
                            await seen.ids.count + others.ids.count >= 300
                        }
                        await one.stop()
                        await other.stop()
                    }
                }
            }
            let (ours, theirs) = await (seen.ids, others.ids)
            #expect((ours + theirs).compactMap { Int($0) }.sorted() == Array(0..<300))
            #expect(!ours.isEmpty && !theirs.isEmpty)
            #expect(try host.ready("transformer") == 0)
        }
    }

    @Test("gives each service a copy of its own, and none of what is for others")
    func services() async throws {
        try await withVirtualHost { host in
            let published = try Sample.landed(1)
            var events = [published, published, published]
            (events[0].kind, events[1].kind, events[2].kind) = (
                .batchPublished, .batchStaged, .objectLanded
            )
            for number in events.indices { events[number].id = "\(number)" }
            try await say(events, on: host)
            for (service, ids) in [
                ("loader", ["0"]), ("quality", ["0", "1"]), ("transformer", ["2"]),
            ] {
                let got = try await withConsumer(of: service, on: host) { consumer in
                    var got: [String] = []
                    while got.count < ids.count, let delivery = await consumer.next() {
                        got.append(delivery.message.id)
                        await consumer.acknowledge(delivery)
                    }
                    return got
                }
                #expect(got == ids, "\(service)")
                #expect(try host.ready(service) == 0)
            }
        }
    }

    @Test("keeps each publisher's order, however many there are")
    func order() async throws {
        try await withVirtualHost { host in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for publisher in 0..<3 {
                    group.addTask {
                        try await say(
                            (0..<60).map { try Sample.landed(publisher * 100 + $0) }, on: host)
                    }
                }
                try await group.waitForAll()
            }
            let got = try await take(180, on: host)
            for publisher in 0..<3 {
                #expect(
                    got.filter { $0 / 100 == publisher } == (0..<60).map { publisher * 100 + $0 })
            }
        }
    }

    @Test("hands out again what was given back, and says so")
    func again() async throws {
        try await withVirtualHost { host in
            try await say(20, on: host)
            try await withConsumer(on: host, prefetch: 4) { consumer in
                var tries: [String: Int] = [:]
                var done: Set<String> = []
                while done.count < 20, let delivery = await consumer.next() {
                    let id = delivery.message.id
                    tries[id, default: 0] += 1
                    #expect(delivery.isRedelivered == (tries[id] != 1))
                    if tries[id] == 3 {
                        done.insert(id)
                        await consumer.acknowledge(delivery)
                    } else {
                        await consumer.reject(delivery, requeue: true)
                    }
                }
            }
            #expect(try host.ready("transformer") == 0)
        }
    }

    @Test("gives nothing more until something is answered")
    func unanswered() async throws {
        try await withVirtualHost { host in
            try await say(2, on: host)
            try await withConsumer(on: host, prefetch: 1) { consumer in
                let first = try #require(await consumer.next())
                async let second = consumer.next()
                #expect(try host.ready("transformer") == 1)
                await consumer.acknowledge(first)
                #expect(await second?.message.id == "1")
            }
        }
    }

    @Test("gives to the next what its consumer left without an answer")
    func left() async throws {
        try await withVirtualHost { host in
            try await say(10, on: host)
            try await withConsumer(on: host, prefetch: 6) { consumer in
                for answered in [true, true, false, false] {
                    let delivery = try #require(await consumer.next())
                    if answered { await consumer.acknowledge(delivery) }
                }
            }
            #expect(try await take(8, on: host).sorted() == Array(2..<10))
        }
    }

    @Test("ends all waits and loses nothing when consumers stop in many ways at once")
    func stops() async throws {
        try await withVirtualHost { host in
            try await say(50, on: host)
            for _ in 0..<5 {
                try await withConsumer(on: host, prefetch: 10) { consumer in
                    await withTaskGroup(of: Void.self) { group in
                        for _ in 0..<4 { group.addTask { while await consumer.next() != nil {} } }
                        for _ in 0..<4 { group.addTask { await consumer.stop() } }
                        group.addTask { await consumer.admit(0) }
                        group.addTask { await consumer.admit(10) }
                        await group.waitForAll()
                    }
                    #expect(await consumer.next() == nil)
                }
            }
            #expect(try await take(50, on: host).sorted() == Array(0..<50))
        }
    }

    @Test("ends the wait of the taker that was cancelled, and of no other")
    func cancelled() async throws {
        try await withVirtualHost { host in
            try await withConsumer(on: host) { consumer in
                try await withThrowingTaskGroup(of: String?.self) { group in
                    group.addTask { await consumer.next()?.message.id }
                    let impatient = Task { await consumer.next() }
                    impatient.cancel()
                    #expect(await impatient.value == nil)
                    try await say(1, on: host)
                    #expect(try await group.next() == "0")
                }
            }
        }
    }

    @Test(
        "waits with what is said before the connection is there, and refuses what is said after its end"
    )
    func closed() async throws {
        try await withVirtualHost { host in
            let publisher = RabbitPublisher(host.address, name: "test", log: quietLog)
            async let early: Void = publisher.publish([try Sample.landed(1)])
            let running = Task { try await publisher.run() }
            try await early
            running.cancel()
            try await running.value
            let error = await #expect(throws: BrokerError.self) {
                try await publisher.publish([try Sample.landed(2)])
            }
            #expect(error?.kind == .unreachable)
            #expect(try host.ready("transformer") == 1)
        }
    }

    @Test("carries everything through broken connections, lost takers and refusals")
    func stress() async throws {
        try await withVirtualHost { host in
            let total = 1500
            let done = Done()
            try await host.withProxy { proxy, address in
                try await withConsumer(on: host, by: address, prefetch: 40) { consumer in
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for _ in 0..<4 {
                            group.addTask {
                                while let delivery = await consumer.next() {
                                    if await done.takes(delivery) {
                                        await consumer.acknowledge(delivery)
                                    } else {
                                        await consumer.reject(delivery, requeue: true)
                                    }
                                }
                            }
                        }
                        group.addTask { try await say(total, on: host, by: address) }
                        for part in 1...3 {
                            try await eventually(within: .seconds(60)) {
                                await done.count >= part * total / 5
                            }
                            proxy.reset()
                        }
                        try await eventually(within: .seconds(90)) { await done.count == total }
                        await consumer.stop()
                    }
                }
            }
            #expect(await done.count == total)
        }
    }

    /// What was dealt with; it refuses one in ten the first time.
    private actor Done {
        private var ids: Set<String> = []
        private var refused: Set<String> = []
        var count: Int { ids.count }

        func takes(_ delivery: Delivery) -> Bool {
            let id = delivery.message.id
            if id.hasSuffix("7"), refused.insert(id).inserted { return false }
            ids.insert(id)
            return true
        }
    }

    private func take(_ count: Int, on host: TestVirtualHost) async throws -> [Int] {
        try await withConsumer(on: host) { consumer in
            var got: [Int] = []
            while got.count < count, let delivery = await consumer.next() {
                got.append(try #require(Int(delivery.message.id)))
                await consumer.acknowledge(delivery)
            }
            return got
        }
    }

    private func say(_ count: Int, on host: TestVirtualHost, by address: BrokerAddress? = nil)
        async throws
    {
        try await say((0..<count).map { try Sample.landed($0) }, on: host, by: address)
    }

    private func say(_ events: [Event], on host: TestVirtualHost, by address: BrokerAddress? = nil)
        async throws
    {
        try await RabbitPublisher.with(address ?? host.address, name: "test", log: quietLog) {
            publisher in
            try await publisher.publish(events)
        }
    }
}
