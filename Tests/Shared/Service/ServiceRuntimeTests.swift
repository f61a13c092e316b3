import Events
import Foundation
import Kit
import Outbound
import Testing

@testable import Broker
@testable import Service

@Suite(
    "A service on a broker", .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"),
    .timeLimit(.minutes(5)))
struct ServiceRuntimeTests {
    @Test("acknowledges an event after what follows from it is confirmed")
    func handles() async throws {
        try await withVirtualHost { host in
            let code = try await RunningService.with(
                host, handler: { [try transformed(after: $0)] }
            ) { _ in
                try await host.say(try (0..<100).map { try landed("\($0)") })
                try await eventually { try host.ready("loader") == 100 }
            }
            #expect(code == 0)
            #expect(try host.ready("transformer") == 0)
        }
    }

    @Test("tries a transient failure again after a delay")
    func retries() async throws {
        let seen = Notebook()
        try await withVirtualHost { host in
            try await RunningService.with(host) { event in
                guard await seen.write(event.id) > 1 else {
                    throw HandlingError(.transient, "test.away", "not yet")
                }
                return [try transformed(after: event)]
            } _: { _ in
                try await host.say([try landed("1")])
                try await eventually { try host.ready("loader") == 1 }
            }
            #expect(await seen.lines == ["1", "1"])
            #expect(try await host.deadLetters.list() == [])
        }
    }

    @Test("sets an event aside after its last attempt, and a replay starts anew")
    func dead() async throws {
        let seen = Notebook()
        try await withVirtualHost { host in
            try await RunningService.with(host) { event in
                guard await seen.write(event.id) > 3 else {
                    throw HandlingError(.transient, "test.away", "the test is away")
                }
                return [try transformed(after: event)]
            } _: { _ in
                try await host.say([try landed("1")])
                try await eventually { try await !host.deadLetters.list().isEmpty }
                let letter = try #require(try await host.deadLetters.find("1").first)
                #expect(letter.reason == "failed")
                #expect(letter.attempts == 3)
                #expect(letter.errorClass == "test.away")
                #expect(letter.errorMessage == "the test is away")
                #expect(letter.kind == "object.landed" && letter.dataset == "d")
                #expect(letter.queue == "millrace.transformer.work")

                #expect(try await host.deadLetters.replay { $0.id == "1" }.count == 1)
                try await eventually(within: .seconds(30)) { try host.ready("loader") == 1 }
                try await eventually(within: .seconds(30), "it says that it is handled") {
                    try host.ready("notifier") == 1
                }
                let message = try #require(
                    try RabbitConnection(host.address, name: "news").get("millrace.notifier.work"))
                let news: DeadLetterResolved = try CloudEvent.event(in: message.message).payload()
                #expect(news.service == "transformer" && news.letter == "1" && news.replays == 1)
            }
            #expect(await seen.lines.count == 4)
            #expect(try await host.deadLetters.list() == [])
        }
    }

    @Test("sets a permanent failure and an unknown type aside at once")
    func permanent() async throws {
        try await withVirtualHost { host in
            try await RunningService.with(host) { _ in
                throw HandlingError(.permanent, "test.broken", "it is broken")
            } _: { _ in
                var future = try landed("2")
                future.kind = EventKind(rawValue: "object.landed.again")
                future.data = Data("{}".utf8)
                try await host.say([try landed("1"), future])
                try await eventually { try await host.deadLetters.list().count == 2 }
                let letters = try await host.deadLetters.list().sorted { $0.id < $1.id }
                #expect(letters.map(\.attempts) == [1, 1])
                #expect(letters.map(\.errorClass) == ["test.broken", "test.broken"])
            }
        }
    }

    @Test("sets aside what is no event, and what it does not take, without asking its handler")
    func foreign() async throws {
        try await withVirtualHost { host in
            try await RunningService.with(host) { event in
                Issue.record("\(event.id) reached the handler")
                return []
            } _: { _ in
                var next = CloudEvent.message(for: try landed("next"))
                next.headers["cloudEvents:type"] = .text("io.millrace.object.landed.v2")
                let strange = Message(id: "strange", body: Data("\u{0}not json".utf8))
                try await host.post([strange, next], to: "millrace.transformer.work")
                try await eventually { try await host.deadLetters.list().count == 2 }
                let letters = try await host.deadLetters.list().sorted { $0.id < $1.id }
                #expect(letters.map(\.reason) == ["skipped", "poison"])
                #expect(letters.map(\.kind) == ["unknown", "unknown"])
            }
        }
    }

    @Test("gets an event again when its connection breaks in the middle")
    func killed() async throws {
        let seen = Notebook()
        try await withVirtualHost { host in
            try await RunningService.with(host) { event in
                if await seen.write(event.id) == 1 { try await killConnections(of: host) }
                return [try transformed(after: event)]
            } _: { _ in
                try await host.say([try landed("1")])
                try await eventually { await seen.lines.count >= 2 }
                try await eventually { try host.ready("loader") >= 1 }
            }
            #expect(try host.ready("transformer") == 0)
        }
    }

    @Test("finishes what is in hand when it is asked to stop, and gives the rest back")
    func stops() async throws {
        let seen = Notebook()
        try await withVirtualHost { host in
            let code = try await RunningService.with(
                host, arguments: ["--concurrency", "1"],
                handler: { event in
                    await seen.write(event.id)
                    try await Task.sleep(for: .seconds(1))
                    return [try transformed(after: event)]
                }
            ) { service in
                try await host.say(try (0..<5).map { try landed("\($0)") })
                try await eventually { await !seen.lines.isEmpty }
                service.stop()
            }
            #expect(code == 0)
            #expect(await seen.lines.count == 1)
            #expect(try host.ready("loader") == 1)
            try await eventually { try host.ready("transformer") == 4 }
        }
    }

    @Test("refuses to start on a broker without its topology")
    func topology() async throws {
        try await withVirtualHost(hosts: nil) { host in
            let code = try await RunningService.with(
                host, isStopped: false, handler: { _ in [] }
            ) { _ in }
            #expect(code == 1)
        }
    }

    @Test("ends with an error when a piece of its own work fails")
    func background() async throws {
        try await withVirtualHost { host in
            let code = try await RunningService.with(
                host, background: [{ throw HandlingError(.permanent, "test.sweep", "no") }],
                isStopped: false, handler: { _ in [] }
            ) { _ in
            }
            #expect(code == 1)
        }
    }

    @Test("holds events while a part is away, without using up their attempts")
    func outage() async throws {
        let away = Notebook()
        let seen = Notebook()
        let check: @Sendable () async throws -> Void = {
            if await away.lines.isEmpty { throw HandlingError(.transient, "lake.away", "away") }
        }
        try await withVirtualHost { host in
            try await RunningService.with(host, readiness: ["lake": check]) { event in
                await seen.write(event.id)
                try await check()
                return [try transformed(after: event)]
            } _: { service in
                let client = HTTPClient("test")
                let ready = HTTPRequest(.get, "http://127.0.0.1:\(service.port)/readyz")
                try await host.say([try landed("1")])
                try await eventually { try await client.send(ready).status == 503 }
                await away.write("back")
                try await eventually { try host.ready("loader") == 1 }
                try await eventually { try await client.send(ready).status == 200 }
            }
            #expect(await seen.lines.count <= 2)
            #expect(try await host.deadLetters.list() == [])
        }
    }

    @Test("tells its health and its numbers over HTTP")
    func health() async throws {
        try await withVirtualHost { host in
            try await RunningService.with(host, handler: { _ in [] }) { service in
                let client = HTTPClient("test")
                let base = "http://127.0.0.1:\(service.port)"
                try await host.say([try landed("1")])
                try await eventually {
                    let response = try await client.send(HTTPRequest(.get, "\(base)/metrics"))
                    let text = String(decoding: response.body, as: UTF8.self)
                    return text.contains(#"handled_total{kind="object.landed"} 1"#)
                        && text.contains("process_resident_memory_bytes")
                        && text.contains(#"millrace_broker_connected{role="consume"} 1"#)
                }
                #expect(try await client.send(HTTPRequest(.get, "\(base)/healthz")).status == 200)
                #expect(try await client.send(HTTPRequest(.get, "\(base)/x")).status == 404)
            }
        }
    }
}
