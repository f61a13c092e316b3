import Events
import Foundation
import Kit
import Testing

@testable import Broker
@testable import Service

/// Each service is a process of its own here, which signals itself.
@Suite(
    "A service that is asked to stop",
    .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"), .timeLimit(.minutes(5)))
struct StopTests {
    @Test("with its hands full finishes what it has begun, and the next one does the rest once")
    func underLoad() async throws {
        try await withVirtualHost { host in
            try await host.say(try (0..<200).map { try landed("\($0)") })
            for _ in 0..<3 {
                await #expect(processExitsWith: .exitCode(0)) { [url = host.url as String] in
                    let seen = Notebook()
                    let code = try await RunningService.alone(url) { event in
                        if await seen.write(event.id) == 10 { kill(getpid(), SIGTERM) }
                        try await Task.sleep(for: .milliseconds(20))
                        return [try transformed(after: event)]
                    }
                    exit(code)
                }
            }
            try await RunningService.with(
                host, handler: { [try transformed(after: $0)] }
            ) { _ in
                try await eventually(within: .seconds(30)) { try host.ready("loader") >= 200 }
                try await eventually(within: .seconds(30)) { try host.ready("transformer") == 0 }
            }
            let handled = try host.ids(in: "millrace.loader.work")
            #expect(Set(handled) == Set((0..<200).map { "\($0).transformed" }))
            #expect(handled.count == 200, "none was handled twice")
            #expect(try await host.deadLetters.list() == [])
        }
    }

    @Test("leaves what is not finished in time to another, uncharged")
    func deadline() async throws {
        try await withVirtualHost { host in
            try await host.say([try landed("1")])
            await #expect(processExitsWith: .exitCode(0)) { [url = host.url as String] in
                exit(
                    try await RunningService.alone(url, ["--stop-limit", "1"]) { event in
                        kill(getpid(), SIGTERM)
                        try await Task.sleep(for: .seconds(3600))
                        return []
                    })
            }
            try await Self.expectFirstAttempt(on: host)
        }
    }

    @Test("ends in any case when its time is over, also when what is in hand does not listen")
    func deaf() async throws {
        try await withVirtualHost { host in
            try await host.say([try landed("1")])
            await #expect(processExitsWith: .exitCode(1)) { [url = host.url as String] in
                exit(
                    try await RunningService.alone(url, ["--stop-limit", "1"]) { event in
                        kill(getpid(), SIGTERM)
                        await Self.hang()
                        return []
                    })
            }
            try await Self.expectFirstAttempt(on: host)
        }
    }

    @Test("a second time ends at once")
    func twice() async throws {
        try await withVirtualHost { host in
            try await host.say([try landed("1")])
            let began = ContinuousClock.now
            await #expect(processExitsWith: .exitCode(1)) { [url = host.url as String] in
                exit(
                    try await RunningService.alone(url, ["--stop-limit", "600"]) { event in
                        kill(getpid(), SIGTERM)
                        // Two signals that wait at the same time would be one.
                        try await Task.sleep(for: .seconds(1))
                        kill(getpid(), SIGTERM)
                        await Self.hang()
                        return []
                    })
            }
            #expect(began.duration(to: .now) < .seconds(120))
            try await Self.expectFirstAttempt(on: host)
        }
    }

    @Test("with an exit code of its own from inside a handler loses nothing")
    func exits() async throws {
        try await withVirtualHost { host in
            try await host.say([try landed("1")])
            await #expect(processExitsWith: .exitCode(7)) { [url = host.url as String] in
                try await RunningService.alone(url) { _ in exit(7) }
            }
            try await Self.expectFirstAttempt(on: host)
        }
    }

    /// Waits without an end, and without an ear for cancellation.
    private static func hang() async {
        await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
    }

    private static func expectFirstAttempt(on host: TestVirtualHost) async throws {
        try await eventually(within: .seconds(30), "the event is back in its queue") {
            try host.ready("transformer") == 1
        }
        let connection = try RabbitConnection(host.address, name: "look")
        let message = try #require(try connection.get("millrace.transformer.work")).message
        #expect(message.headers[MillraceHeader.attempt] == nil)
        #expect(message.headers["x-delivery-count"] == .number(1))
    }
}
