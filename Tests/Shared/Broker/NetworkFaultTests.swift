import Events
import Foundation
import Kit
import Lanes
import Testing

@testable import Broker

@Suite(
    "A bad network to the broker", .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"),
    .timeLimit(.minutes(4)))
struct NetworkFaultTests {
    @Test("frees a send that is stuck in it")
    func stuck() async throws {
        try await withVirtualHost { host in
            try await host.withProxy { proxy, address in
                let error = try await Lane("test").run { () -> BrokerError? in
                    let connection = try RabbitConnection(
                        address, name: "test", sendLimit: .seconds(1))
                    proxy.become(.stalled)
                    let large = Posting(
                        Message(id: "m", body: Data(count: 8 << 20)), to: Topology.events,
                        routingKey: "object.landed.p.d")
                    do throws(BrokerError) {
                        while true { try connection.publish(large) }
                    } catch {
                        return error
                    }
                }
                #expect(error?.disposition == .transient)
            }
        }
    }

    @Test("lets calls give up in time even while the connection is stuck in its login")
    func login() async throws {
        try await withVirtualHost { host in
            try await host.withProxy { proxy, address in
                proxy.become(.stalled)
                let publisher = RabbitPublisher(
                    address, name: "test", log: quiet, patience: .seconds(1))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await publisher.run() }
                    try await eventually(within: .seconds(30)) { proxy.accepted > 0 }
                    let began = ContinuousClock.now
                    let error = await #expect(throws: BrokerError.self) {
                        try await publisher.publish([try landed("1")])
                    }
                    #expect(error?.kind == .timedOut)
                    // The login itself has ten seconds.
                    #expect(began.duration(to: .now) < .seconds(8))
                    proxy.become(.fine)
                    try await eventually(within: .seconds(60)) { publisher.isConnected }
                    try await publisher.publish([try landed("2")])
                    group.cancelAll()
                }
            }
        }
    }

    @Test("says again, with the same id, what it got no answer to")
    func deaf() async throws {
        try await withVirtualHost { host in
            try await host.withProxy { proxy, address in
                try await publishing(to: address) { publisher in
                    proxy.become(.deaf)
                    async let said: Void = publisher.publish([
                        try landed("once"), try landed("two"),
                    ])
                    try await eventually(within: .seconds(30)) {
                        try host.ready(try transformer().work) == 2
                    }
                    proxy.become(.fine)
                    proxy.reset()
                    try await said
                }
            }
            #expect(try host.ready(try transformer().work) == 4)
            try await withConsumer(on: host) { consumer in
                for id in ["once", "two", "once", "two"] {
                    #expect(await consumer.next()?.message.id == id)
                }
            }
        }
    }

    @Test("explains to the callers why nothing gets through, and heals by itself")
    func refusing() async throws {
        try await withVirtualHost { host in
            try await host.withProxy { proxy, address in
                proxy.become(.refusing)
                let publisher = RabbitPublisher(
                    address, name: "test", log: quiet, patience: .seconds(2))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await publisher.run() }
                    let error = await #expect(throws: BrokerError.self) {
                        try await publisher.publish([try landed("1")])
                    }
                    #expect(error?.reason.contains("log in") == true, "\(error?.reason ?? "")")
                    proxy.become(.fine)
                    try await eventually(within: .seconds(60)) { publisher.isConnected }
                    try await publisher.publish([try landed("2")])
                    group.cancelAll()
                }
            }
        }
    }

    @Test("loses nothing while it is slow and breaks, and no socket stays behind")
    func flapping() async throws {
        let rounds = Storms.areOn ? 20 : 3
        try await withVirtualHost { host in
            try await host.withProxy { proxy, address in
                try await withConsumer(on: host, by: address) { consumer in
                    try await publishing(to: address) { publisher in
                        for round in 0..<rounds {
                            proxy.become(round.isMultiple(of: 2) ? .slow(milliseconds: 5) : .fine)
                            async let said: Void = say(round, publisher)
                            try await Task.sleep(for: .milliseconds(50 * (round % 4)))
                            proxy.reset()
                            try await said
                            var missing = Set((0..<20).map { "\(round)-\($0)" })
                            while !missing.isEmpty, let delivery = await consumer.next() {
                                missing.remove(delivery.message.id)
                                await consumer.acknowledge(delivery)
                            }
                        }
                        try await eventually(within: .seconds(60)) {
                            try sockets(to: proxy.port) <= 2
                        }
                    }
                }
                try await eventually(within: .seconds(60)) { try sockets(to: proxy.port) == 0 }
            }
        }
    }

    /// A call gives up after its patience; a service then tries again.
    private func say(_ round: Int, _ publisher: RabbitPublisher) async throws {
        let events = try (0..<20).map { try landed("\(round)-\($0)") }
        try await eventually(within: .seconds(120)) {
            do { try await publisher.publish(events) } catch is BrokerError { return false }
            return true
        }
    }

    /// Sockets that some process of this host holds towards a port of it; proc(5).
    private func sockets(to port: Int) throws -> Int {
        let remote = String(format: "0100007F:%04X", port)
        return try String(contentsOfFile: "/proc/net/tcp", encoding: .utf8).split(separator: "\n")
            .count { line in
                let fields = line.split(separator: " ")
                return fields.count > 9 && fields[2] == remote && fields[9] != "0"
            }
    }
}

/// Tests that take minutes.
enum Storms {
    static let areOn = ProcessInfo.processInfo.environment["MILLRACE_TEST_STORMS"] != nil
}
