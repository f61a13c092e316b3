import Events
import Foundation
import Kit
import Testing

@testable import Broker
@testable import Service

@Suite(
    "An event that kills its service",
    .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"),
    .timeLimit(.minutes(5)))
struct CrashLoopTests {
    @Test("ends alone among the dead letters; those that were in hand with it are handled")
    func guilty() async throws {
        try await withVirtualHost { host in
            try await host.say(try (0..<20).map { try landed($0 == 9 ? "guilty" : "\($0)") })
            var kills = 0
            while try await host.deadLetters.list().isEmpty, kills < 20 {
                await Self.expectKill(host.url)
                kills += 1
                try await eventually(within: .seconds(30), "the broker has all of it again") {
                    let isDead = try await !host.deadLetters.list().isEmpty
                    return try isDead || host.ready("transformer") > 0
                }
            }
            #expect(kills <= 14)
            try await RunningService.with(
                host, handler: { [try transformed(after: $0)] }
            ) { _ in
                try await eventually(within: .seconds(30)) { try host.ready("loader") >= 19 }
                try await eventually(within: .seconds(30)) { try host.ready("transformer") == 0 }
            }
            let handled = try host.ids(in: "millrace.loader.work")
            #expect(Set(handled) == Set((0..<20).filter { $0 != 9 }.map { "\($0).transformed" }))
            let letters = try await host.deadLetters.list()
            #expect(letters.map(\.id) == ["guilty"])
            #expect(letters.map(\.reason) == ["delivery_limit"])
        }
    }

    /// A service of its own process, which ends in the middle of an event: nineteen others are in
    /// hand and need a moment.
    private static func expectKill(_ url: String) async {
        await #expect(processExitsWith: .signal(SIGKILL)) { [url] in
            try await RunningService.alone(url, ["--concurrency", "10"]) { event in
                if event.id == "guilty" { kill(getpid(), SIGKILL) }
                try await Task.sleep(for: .milliseconds(100))
                return [try transformed(after: event)]
            }
        }
    }
}
