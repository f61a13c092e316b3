import Events
import Foundation
import Kit
import Outbound
import Telemetry
import Testing

@testable import Broker
@testable import Service

@Suite(
    "A message that is not quite as expected",
    .enabled(if: TestBroker.isAvailable, "\(TestBroker.missing)"), .timeLimit(.minutes(5)))
struct StrangeMessageTests {
    private static let work = "millrace.transformer.work"

    @Test("with fields and headers of a later release is handled, by old and new side by side")
    func later() async throws {
        try await withVirtualHost { host in
            try await RunningService.with(host, handler: Self.readAndAnswer) { _ in
                try await RunningService.with(host, handler: Self.readAndAnswer) { _ in
                    let messages = try (0..<40).map {
                        try Self.message("\($0)", ofLaterRelease: true)
                    }
                    try await host.post(messages, to: Self.work)
                    try await eventually(within: .seconds(30)) { try host.ready("loader") == 40 }
                }
            }
            #expect(try host.ready("transformer") == 0)
            #expect(Set(try host.ids(in: "millrace.loader.work")).count == 40)
            #expect(try await host.deadLetters.list() == [])
        }
    }

    @Test("of an unknown version or type is set aside and never tried")
    func unknown() async throws {
        try await withVirtualHost { host in
            try await RunningService.with(host) { event in
                Issue.record("\(event.id) reached the handler")
                return []
            } _: { _ in
                let types = ["io.millrace.object.landed.v2", "io.millrace.object.lost.v1", "x"]
                let messages = try types.map { type in
                    var message = try Self.message(type)
                    message.headers["cloudEvents:type"] = .text(type)
                    return message
                }
                try await host.post(messages, to: Self.work)
                try await eventually(within: .seconds(30)) {
                    try await host.deadLetters.list().map(\.attempts) == [1, 1, 1]
                }
                let letters = try await host.deadLetters.list()
                #expect(Set(letters.map(\.reason)) == ["skipped"])
            }
        }
    }

    @Test(
        "from a clock that is an hour wrong goes the same way",
        arguments: [-3600.0, 3600, 1e9])
    func clock(offset: Double) async throws {
        let seen = Notebook()
        try await withVirtualHost { host in
            try await RunningService.with(host) { event in
                guard await seen.write(event.id) > 1 else {
                    throw HandlingError(.transient, "test.away", "not yet")
                }
                return [try transformed(after: event)]
            } _: { _ in
                var message = try Self.message("1")
                let time = FieldValue.text(EventJSON.text(of: Date() + offset))
                message.headers["cloudEvents:time"] = time
                message.headers[MillraceHeader.firstFailedAt] = time
                try await host.post([message], to: Self.work)
                try await eventually(within: .seconds(30)) { try host.ready("loader") == 1 }
            }
            #expect(await seen.lines.count == 2)
        }
    }

    @Test("that shall wait no time at all comes back from a delay queue at once")
    func noTime() async throws {
        try await withVirtualHost { host in
            try await RunningService.with(
                host, handler: { [try transformed(after: $0)] }
            ) { _ in
                var message = try Self.message("1")
                message.expirationMilliseconds = 0
                let level = DelayLevel(seconds: 120)
                let posting = Posting(message, to: level.name, routingKey: Self.work)
                try await RabbitPublisher.with(
                    host.address, name: "test", log: .init(service: "test", threshold: .error)
                ) { try await $0.post([posting]) }
                try await eventually(within: .seconds(60)) { try host.ready("loader") == 1 }
            }
        }
    }

    @Test("with a count of attempts that is none begins anew, and is set aside in the end")
    func attempts() async throws {
        try await withVirtualHost { host in
            try await RunningService.with(host) { _ in
                throw HandlingError(.transient, "test.away", "never")
            } _: { _ in
                let counts: [FieldValue] = [.text("many"), .number(-5), .number(.max), .flag(true)]
                let messages = try counts.enumerated().map { index, count in
                    var message = try Self.message("\(index)")
                    message.headers[MillraceHeader.attempt] = count
                    message.headers[MillraceHeader.spared] = .number(index * 1_000_000)
                    return message
                }
                try await host.post(messages, to: Self.work)
                try await eventually(within: .seconds(60)) {
                    try await host.deadLetters.list().count == 4
                }
                let reasons = try await host.deadLetters.list().map(\.reason)
                #expect(reasons.allSatisfy { $0 == "failed" })
            }
        }
    }

    @Test("that fails waits with its service while there is no queue to delay it")
    func noDelayQueue() async throws {
        let seen = Notebook()
        try await withVirtualHost { host in
            try await host.api.change(.delete, ["queues", host.name, "millrace.delay.1s"])
            try await RunningService.with(host) { event in
                guard await seen.write(event.id) > 1 else {
                    throw HandlingError(.transient, "test.away", "not yet")
                }
                return [try transformed(after: event)]
            } _: { _ in
                try await host.post([try Self.message("1")], to: Self.work)
                try await eventually(within: .seconds(30)) { await seen.lines.count == 1 }
                let topology = Topology.millrace(hosts: ["here"])
                _ = try await TopologyAPI(topology, over: host.api, virtualHost: host.name).apply()
                try await eventually(within: .seconds(60)) { try host.ready("loader") == 1 }
            }
            #expect(await seen.lines.count == 2)
            #expect(try await host.deadLetters.list() == [])
        }
    }

    @Test("that comes twice, since its first copy was not acknowledged, says the same twice")
    func twice() async throws {
        try await withVirtualHost { host in
            try await RunningService.with(
                host, handler: { [try transformed(after: $0)] }
            ) { _ in
                // A crash between the confirm of a retry and the acknowledgement leaves both.
                var retry = try Self.message("1")
                retry.headers[MillraceHeader.attempt] = .number(2)
                try await host.post([try Self.message("1"), retry], to: Self.work)
                try await eventually(within: .seconds(30)) { try host.ready("loader") == 2 }
            }
            let ids = try host.ids(in: "millrace.loader.work")
            #expect(ids == ["1.transformed", "1.transformed"])
        }
    }

    @Sendable private static func readAndAnswer(_ event: Event) async throws -> [Event] {
        let landed: ObjectLanded = try event.payload()
        #expect(landed.dataset == "d")
        return [try transformed(after: event)]
    }

    private static func message(_ id: String, ofLaterRelease: Bool = false) throws -> Message {
        var message = CloudEvent.message(for: try landed(id))
        guard ofLaterRelease else { return message }
        let text = String(decoding: message.body, as: UTF8.self)
        message.body = Data("\(text.dropLast()),\"colour\":{\"a\":[1,null]}}".utf8)
        message.headers["cloudEvents:colour"] = .text("red")
        message.headers["millrace-later"] = .table(["a": .list([.number(1)])])
        return message
    }
}
