import Events
import Foundation
import Kit
import Testing

@testable import Broker
@testable import Service

@Suite(
    "A handler that takes longer than the broker waits for a heartbeat",
    .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"), .timeLimit(.minutes(5)))
struct LongHandlerTests {
    /// The heartbeat is 10 s, and a peer is gone after two that are missed. `MILLRACE_TEST_LONG=1`
    /// asks for ten times as long.
    private static let length =
        ProcessInfo.processInfo.environment["MILLRACE_TEST_LONG"] == "1" ? 100 : 32

    @Test("keeps its connection, and is handed its event once")
    func heartbeats() async throws {
        let seen = Notebook()
        try await withVirtualHost { host in
            try await RunningService.with(host) { event in
                await seen.write(event.id)
                try await Task.sleep(for: .seconds(Self.length))
                return [try transformed(after: event)]
            } _: { _ in
                try await host.say([try landed("1")])
                try await eventually(within: .seconds(Self.length + 60)) {
                    try host.ready("loader") == 1
                }
            }
            #expect(await seen.lines == ["1"])
            #expect(try host.ready("transformer") == 0)
        }
    }
}
