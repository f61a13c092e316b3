import Events
import Foundation
import Glibc
import Kit
import Telemetry
import Testing

@testable import Broker

/// What a whole broker can do to its clients; each test has one of its own.
@Suite(
    "A broker in trouble", .serialized,
    .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"),
    .timeLimit(.minutes(8)))
struct BrokerStormTests {
    @Test(
        "that is killed between a publish and its confirm loses nothing: events, counts and delays")
    func killed() async throws {
        try await withPrivateBroker { broker in
            let host = broker.host
            let work = try transformer().work
            try await withConsumer(on: host, prefetch: 1) { consumer in
                try await publishing(to: host.address) { publisher in
                    // One that was handed out three times, and one that is in a delay.
                    try await publisher.publish([try landed("counted")])
                    for _ in 0..<3 {
                        await consumer.reject(try #require(await consumer.next()), requeue: true)
                    }
                    let held = try #require(await consumer.next())
                    #expect(held.message.headers["x-delivery-count"]?.number == 3)
                    let delayed = Posting(
                        CloudEvent.message(for: try landed("delayed")),
                        to: DelayLevel(seconds: 8).name, routingKey: work)
                    try await publisher.post([delayed])
                    // It hears the next ones, but cannot confirm them any more.
                    broker.freeze()
                    let said = Task {
                        try await publisher.publish(try (0..<20).map { try landed("\($0)") })
                    }
                    try await Task.sleep(for: .milliseconds(200))
                    await broker.kill()
                    try await broker.start()
                    try await confirmed(said) {
                        try (0..<20).map { try landed("\($0)") }
                    } by: {
                        publisher
                    }
                    var missing = Set((0..<20).map { "\($0)" } + ["counted", "delayed"])
                    while !missing.isEmpty {
                        let delivery = try #require(await consumer.next())
                        if delivery.message.id == "counted" {
                            #expect(
                                (delivery.message.headers["x-delivery-count"]?.number ?? 0) >= 4)
                        }
                        missing.remove(delivery.message.id)
                        await consumer.acknowledge(delivery)
                    }
                    #expect(await !consumer.holds(held))
                }
            }
        }
    }

    @Test(
        "that stands still lets its clients give up in time, and finds them there when it goes on",
        .enabled(if: Storms.areOn, "takes minutes: make test-storms"))
    func frozen() async throws {
        try await withPrivateBroker { broker in
            let host = broker.host
            try await withConsumer(on: host) { consumer in
                let publisher = RabbitPublisher(
                    host.address, name: "test", log: quiet, patience: .seconds(3))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await publisher.run() }
                    try await publisher.publish([try landed("before")])
                    await consumer.acknowledge(try #require(await consumer.next()))
                    broker.freeze()
                    let began = ContinuousClock.now
                    // As long as a heartbeat, its loss and some tries to log in take.
                    while began.duration(to: .now) < .seconds(60) {
                        let call = ContinuousClock.now
                        await #expect(throws: BrokerError.self) {
                            try await publisher.publish([try landed("lost")])
                        }
                        #expect(call.duration(to: .now) < .seconds(20))
                    }
                    #expect(!publisher.isConnected && !consumer.isConnected)
                    let asked = ContinuousClock.now
                    await #expect(throws: (any Error).self) { _ = try await host.api.alarms() }
                    #expect(asked.duration(to: .now) < .seconds(40))
                    broker.thaw()
                    try await said(publisher, [try landed("after")])
                    var id = ""
                    while id != "after" {
                        let delivery = try #require(await consumer.next())
                        id = delivery.message.id
                        await consumer.acknowledge(delivery)
                    }
                    group.cancelAll()
                }
            }
        }
    }

    @Test(
        "that has an alarm holds its publishers, says why, and lets them go again",
        .enabled(if: Storms.areOn, "takes minutes: make test-storms"), arguments: Alarm.allCases)
    func alarm(alarm: Alarm) async throws {
        try await withPrivateBroker { broker in
            let host = broker.host
            let publisher = RabbitPublisher(
                host.address, name: "test", log: quiet, patience: .seconds(3))
            try await withThrowingTaskGroup(of: Void.self) { group in
                // Before anybody is connected.
                try await alarm.raise(broker)
                group.addTask { try await publisher.run() }
                let error = await #expect(throws: BrokerError.self) {
                    try await publisher.publish([try landed("1")])
                }
                #expect(
                    error?.kind == .timedOut && error?.reason.contains("alarm") == true,
                    "\(error?.reason ?? "")")
                #expect(!publisher.isConnected)
                try await eventually(within: .seconds(30)) { try await !host.api.alarms().isEmpty }
                try await alarm.lower(broker)
                try await eventually(within: .seconds(60)) { publisher.isConnected }
                try await publisher.publish([try landed("2")])
                // In the middle, and with more under way than a socket holds.
                try await alarm.raise(broker)
                var large = try landed("3")
                large.data = Data(count: 4 << 20)
                let events = (0..<12).map { number in
                    var event = large
                    event.id = "large-\(number)"
                    return event
                }
                await #expect(throws: BrokerError.self) { try await publisher.publish(events) }
                // Whoever only listens is not held.
                try await withConsumer(on: host) { consumer in
                    await consumer.acknowledge(try #require(await consumer.next()))
                }
                try await alarm.lower(broker)
                try await said(publisher, events)
                group.cancelAll()
            }
        }
    }

    enum Alarm: CaseIterable, Sendable {
        case memory, disk

        func raise(_ broker: PrivateTestBroker) async throws {
            switch self {
            case .memory:
                try await broker.control("set_vm_memory_high_watermark", "absolute", "1000000")
            case .disk: try await broker.control("set_disk_free_limit", "900000GB")
            }
        }

        func lower(_ broker: PrivateTestBroker) async throws {
            switch self {
            case .memory: try await broker.control("set_vm_memory_high_watermark", "0.4")
            case .disk: try await broker.control("set_disk_free_limit", "50MB")
            }
        }
    }

    @Test(
        "that takes a message away from who holds it too long hands it out again",
        .enabled(if: Storms.areOn, "takes minutes: make test-storms"))
    func tooLong() async throws {
        try await withPrivateBroker { broker in
            let host = broker.host
            // For channels from now on: it looks every second, and allows three.
            try await broker.control(
                "eval",
                "application:set_env(rabbit, consumer_timeout, 3000), application:set_env(rabbit, channel_tick_interval, 1000)."
            )
            try await publishing(to: host.address) { try await $0.publish([try landed("1")]) }
            try await withConsumer(on: host, prefetch: 1) { consumer in
                let slow = try #require(await consumer.next())
                try await eventually(within: .seconds(60)) { await !consumer.holds(slow) }
                await consumer.acknowledge(slow)
                let again = try #require(await consumer.next())
                #expect(again.message.id == "1" && again.isRedelivered)
                await consumer.acknowledge(again)
            }
            #expect(try host.ready(try transformer().work) == 0)
        }
    }

    @Test(
        "that stops and starts its application is there again for those who waited",
        .enabled(if: Storms.areOn, "takes minutes: make test-storms"))
    func restarted() async throws {
        try await withPrivateBroker { broker in
            let host = broker.host
            try await withConsumer(on: host) { consumer in
                try await publishing(to: host.address) { publisher in
                    for round in 0..<3 {
                        try await broker.control("stop_app")
                        let said = Task { try await publisher.publish([try landed("\(round)")]) }
                        try await broker.control("start_app")
                        try await confirmed(said) {
                            [try landed("\(round)")]
                        } by: {
                            publisher
                        }
                        var id = ""
                        while id != "\(round)" {
                            let delivery = try #require(await consumer.next())
                            id = delivery.message.id
                            await consumer.acknowledge(delivery)
                        }
                    }
                }
            }
        }
    }

    @Test(
        "makes its publisher's memory grow with none of 300,000 events",
        .enabled(if: Storms.areOn, "takes minutes: make test-storms"))
    func memory() async throws {
        try await withPrivateBroker { broker in
            // News that nobody reads: the broker keeps none of it.
            let batch = try (0..<500).map { number in
                var event = try landed("\(number)")
                event.kind = .deliverySent
                return event
            }
            try await publishing(to: broker.host.address) { publisher in
                var before = 0
                for round in 0..<600 {
                    try await publisher.publish(batch)
                    if round == 100 { before = try residentBytes() }
                }
                #expect(try residentBytes() - before < 48 << 20)
            }
        }
    }

    /// Waits for a call, and makes it again as a service does when its patience is over.
    private func confirmed(
        _ call: Task<Void, any Error>, _ events: () throws -> [Event],
        by publisher: () -> RabbitPublisher
    ) async throws {
        do { try await call.value } catch is BrokerError {
            try await said(publisher(), try events())
        }
    }

    private func said(_ publisher: RabbitPublisher, _ events: [Event]) async throws {
        try await eventually(within: .seconds(180)) {
            do { try await publisher.publish(events) } catch is BrokerError { return false }
            return true
        }
    }

    private func residentBytes() throws -> Int {
        let pages = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(
            separator: " ")
        return try #require(Int(pages[1])) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
