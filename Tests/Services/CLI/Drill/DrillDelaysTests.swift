import Broker
import Foundation
import Kit
import Telemetry
import Testing

@testable import millrace

@Suite(
    "How often a drill's events are put off", .timeLimit(.minutes(5)),
    .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"))
struct DrillDelaysTests {
    @Test("is counted for each event when it comes back to its service")
    func counts() async throws {
        try await withVirtualHost { host in
            let variables = [
                "MILLRACE_BROKER_URL": host.url,
                "MILLRACE_BROKER_API": try #require(TestBroker.management),
            ]
            let words = ["stop-all", "--data", "/nonexistent"]
            let arguments = try Arguments(words, of: Drill(), environment: variables)
            let broker = DrillBroker(context: try StackContext(arguments))
            let delays = try await DrillDelays.listening(to: broker)
            try await put(off: ["once", "twice"], on: host)
            try await put(off: ["twice"], on: host)
            try await eventually {
                try await delays.count()
                return await delays.result == (events: 2, most: 2)
            }
            try await delays.end()
            await #expect(throws: BrokerError.self) { try await delays.count() }
        }
    }

    private func put(off ids: [String], on host: TestVirtualHost) async throws {
        try await RabbitPublisher.with(
            host.address, name: "test", log: Log(service: "test", threshold: .error)
        ) { publisher in
            try await publisher.post(
                ids.map {
                    let message = Message(id: $0, body: Data("{}".utf8), expirationMilliseconds: 1)
                    return Posting(
                        message, to: "millrace.delay.1s", routingKey: "millrace.loader.work")
                })
        }
    }
}
