import Events
import Foundation
import Kit
import Telemetry
import Testing

@testable import Broker

@Suite(
    "A publisher on a broker", .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"),
    .timeLimit(.minutes(5)))
struct RabbitPublisherTests {
    @Test("has 5,000 events confirmed, from many calls at once")
    func many() async throws {
        try await withVirtualHost { host in
            try await RabbitPublisher.with(host.address, name: "test", log: quiet) { publisher in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for call in 0..<50 {
                        group.addTask {
                            try await publisher.publish(
                                try (0..<100).map { try landed("\(call)-\($0)") })
                        }
                    }
                    try await group.waitForAll()
                }
            }
            let connection = try RabbitConnection(host.address, name: "count")
            #expect(try connection.check(queue: try transformer().work) == 5000)
        }
    }

    @Test("says when nobody is bound for work, and does not mind for news")
    func unroutable() async throws {
        try await withVirtualHost(hosts: []) { host in
            try await RabbitPublisher.with(host.address, name: "test", log: quiet) { publisher in
                var work = try landed("1")
                work.kind = .segmentCaptured  // no host, so no lander's queue
                let event = work
                let error = await #expect(throws: BrokerError.self) {
                    try await publisher.publish([event])
                }
                #expect(error?.kind == .unroutable)
                #expect(error?.disposition == .transient)
                work.kind = .deliverySent
                try await publisher.publish([work])
            }
        }
    }

    @Test("finds what was sent to a queue that is not there in the unrouted queue")
    func unrouted() async throws {
        try await withVirtualHost { host in
            try await RabbitPublisher.with(host.address, name: "test", log: quiet) { publisher in
                try await publisher.post([
                    Posting(
                        CloudEvent.message(for: try landed("1")), to: Topology.direct,
                        routingKey: "millrace.tranformer.work")
                ])
            }
            let connection = try RabbitConnection(host.address, name: "count")
            #expect(try connection.check(queue: Topology.unrouted) == 1)
        }
    }

    @Test("goes on after its connection was killed, and loses nothing")
    func killed() async throws {
        try await withVirtualHost { host in
            try await RabbitPublisher.with(host.address, name: "test", log: quiet) { publisher in
                try await publisher.publish([try landed("before")])
                try await killConnections(of: host)
                try await publisher.publish([try landed("after")])
            }
            let connection = try RabbitConnection(host.address, name: "count")
            #expect(try connection.check(queue: try transformer().work) >= 2)
        }
    }

    @Test("refuses a message that would break the connection, and only that one")
    func tooLarge() async throws {
        try await withVirtualHost { host in
            try await RabbitPublisher.with(host.address, name: "test", log: quiet) { publisher in
                let key = String(repeating: "k", count: 300)
                let long = try landed("1", pipeline: key)
                let error = await #expect(throws: BrokerError.self) {
                    try await publisher.publish([long])
                }
                #expect(error?.disposition == .permanent)
                try await publisher.publish([try landed("2")])
            }
        }
    }

    @Test("gives up after its patience when there is no broker")
    func nobody() async throws {
        let nowhere = try BrokerAddress(url: "amqp://127.0.0.1:1/")
        let publisher = RabbitPublisher(
            nowhere, name: "test", log: quiet, patience: .milliseconds(300))
        await withThrowingTaskGroup { group in
            group.addTask { try await publisher.run() }
            let error = await #expect(throws: BrokerError.self) {
                try await publisher.publish([try landed("1")])
            }
            #expect(error?.kind == .timedOut)
            group.cancelAll()
        }
    }
}
