import Events
import Foundation
import Kit
import Synchronization
import Testing

@testable import Broker
@testable import Service

@Suite(
    "A herd of events that fail at once",
    .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"),
    .timeLimit(.minutes(10)))
struct ThunderingHerdTests {
    /// `MILLRACE_TEST_HERD=100000` asks for a large one.
    private static let count =
        ProcessInfo.processInfo.environment["MILLRACE_TEST_HERD"].flatMap { Int($0) } ?? 2000

    @Test("waits in the queue until the fault is over, and none of it is set aside")
    func waits() async throws {
        let isWell = Mutex(false)
        let failures = Mutex(0)
        try await withVirtualHost { host in
            try await host.say(try (0..<Self.count).map { try landed("\($0)") })
            try await RunningService.with(host, arguments: ["--breaker-pause", "1"]) { event in
                guard isWell.withLock({ $0 }) else {
                    failures.withLock { $0 += 1 }
                    throw HandlingError(.transient, "test.fault", "a fault that no check sees")
                }
                return [try transformed(after: event)]
            } _: { service in
                try await eventually(within: .seconds(60), "the breaker opens") {
                    try await service.get("/metrics").contains("\nmillrace_breaker_open 1.0\n")
                }
                let page = try await service.get("/readyz")
                #expect(page.contains("events: all fail: "), "\(page)")
                // Probes fail, too, and are not charged either.
                let soFar = failures.withLock { $0 }
                try await eventually(within: .seconds(60), "probes are sent") {
                    failures.withLock { $0 } >= soFar + 2
                }
                #expect(failures.withLock { $0 } < 40)
                isWell.withLock { $0 = true }
                try await eventually(within: .seconds(60 + Self.count / 100), "all is handled") {
                    try host.ready("loader") == Self.count
                }
                try await eventually(within: .seconds(30), "the breaker is closed") {
                    try await service.get("/metrics").contains("\nmillrace_breaker_open 0.0\n")
                }
                try await eventually(within: .seconds(30), "people are told, and told again") {
                    try host.ready("notifier") == 2
                }
            }
            #expect(try await host.deadLetters.list() == [])
            #expect(try host.ready("transformer") == 0)
        }
    }

    @Test("is not needed for one that fails while others go well: it is set aside")
    func alone() async throws {
        try await withVirtualHost { host in
            try await RunningService.with(host, arguments: ["--breaker-limit", "2"]) { event in
                guard event.id != "bad" else {
                    throw HandlingError(.transient, "test.bad", "its own fault")
                }
                return [try transformed(after: event)]
            } _: { _ in
                try await host.say([try landed("bad")])
                for wave in 0..<3 {
                    try await host.say(try (0..<5).map { try landed("\(wave).\($0)") })
                    try await eventually(within: .seconds(30)) {
                        try host.ready("loader") == (wave + 1) * 5
                    }
                }
                try await eventually(within: .seconds(60)) {
                    try await host.deadLetters.list().map(\.attempts) == [3]
                }
            }
        }
    }

    @Test("of which each is bad ends among the dead letters in the end, when nothing else comes")
    func allBad() async throws {
        try await withVirtualHost { host in
            let bad = try ["1", "2"].map { id in
                var message = CloudEvent.message(for: try landed(id))
                message.headers[MillraceHeader.spared] = .number(RetryPolicy.mostSpared)
                return message
            }
            try await RunningService.with(
                host, arguments: ["--breaker-limit", "1", "--breaker-pause", "1"]
            ) { _ in
                throw HandlingError(.transient, "test.bad", "its own fault")
            } _: { _ in
                try await host.post(bad, to: "millrace.transformer.work")
                try await eventually(within: .seconds(90)) {
                    try await host.deadLetters.list().map(\.reason) == ["failed", "failed"]
                }
            }
        }
    }
}
