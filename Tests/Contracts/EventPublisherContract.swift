import Broker
import Events
import Foundation
import Kit
import Testing

/// What everybody promises who takes events, the broker's publisher and the one in memory.
@Suite(
    "An event publisher", .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"),
    .timeLimit(.minutes(3)))
struct EventPublisherContract {
    /// The implementations that this suite runs against, and how to find out what was said.
    enum Port: CaseIterable, Sendable {
        case memory, broker

        func with(
            _ body:
                @escaping @Sendable (any EventPublisher, @Sendable (Int) async throws -> [Event])
                async throws -> Void
        ) async throws {
            switch self {
            case .memory:
                let publisher = RecordingPublisher()
                try await body(publisher) { _ in publisher.events }
            case .broker:
                try await withVirtualHost { host in
                    try await RabbitPublisher.with(host.address, name: "test", log: quietLog) {
                        publisher in
                        try await body(publisher) { count in
                            try await withConsumer(on: host) { consumer in
                                var events: [Event] = []
                                while events.count < count, let delivery = await consumer.next() {
                                    events.append(try CloudEvent.event(in: delivery.message))
                                    await consumer.acknowledge(delivery)
                                }
                                return events
                            }
                        }
                    }
                }
            }
        }
    }

    @Test("says what it was given, whole and in order", arguments: Port.allCases)
    func order(port: Port) async throws {
        try await port.with { publisher, said in
            let events = try (0..<50).map { try Sample.landed($0) }
            try await publisher.publish(Array(events[..<20]))
            try await publisher.publish(Array(events[20...]))
            #expect(try await said(50) == events)
        }
    }

    @Test("says nothing for nothing", arguments: Port.allCases)
    func nothing(port: Port) async throws {
        try await port.with { publisher, said in
            try await publisher.publish([])
            try await publisher.publish([try Sample.landed(1)])
            #expect(try await said(1).map(\.id) == ["1"])
        }
    }

    @Test("says again what is said again, with the same id", arguments: Port.allCases)
    func again(port: Port) async throws {
        try await port.with { publisher, said in
            let event = try Sample.landed(1)
            for _ in 0..<3 { try await publisher.publish([event]) }
            #expect(try await said(3) == [event, event, event])
        }
    }

    @Test("takes many calls at once and mixes none of them up", arguments: Port.allCases)
    func concurrent(port: Port) async throws {
        try await port.with { publisher, said in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for call in 0..<20 {
                    group.addTask {
                        try await publisher.publish(
                            try (0..<10).map { try Sample.landed(call * 10 + $0) })
                    }
                }
                try await group.waitForAll()
            }
            let numbers = try await said(200).compactMap { Int($0.id) }
            #expect(numbers.sorted() == Array(0..<200))
            for call in 0..<20 {
                #expect(numbers.filter { $0 / 10 == call } == Array(call * 10..<call * 10 + 10))
            }
        }
    }
}

/// Events for contracts.
enum Sample {
    static func landed(_ number: Int, dataset: String = "d") throws -> Event {
        var event = try Event(
            ObjectLanded(
                pipeline: "p", revision: "r", dataset: dataset, object: "landing/\(number)",
                bytes: number,
                sha256: nil, times: [:]),
            id: "\(number)", from: "/millrace/test/here")
        event.time = Date(timeIntervalSince1970: 1_700_000_000 + Double(number))
        event.causation = "cause-\(number)"
        return event
    }
}
