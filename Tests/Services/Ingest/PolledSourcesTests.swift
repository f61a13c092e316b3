import Events
import Foundation
import HTTPServer
import Kit
import Lake
import Pipelines
import Service
import Spool
import Synchronization
import Telemetry
import Testing

@testable import ingest

/// A lease that a test gives and takes.
private final class HandedLease: Lease {
    let held = Mutex(false)
    func isHeld() async -> Bool { held.withLock { $0 } }
}

@Suite("Sources that one host of all asks", .timeLimit(.minutes(5)))
struct PolledSourcesTests {
    private static func day(_ number: Int) -> String { "2020-01-0\(number)T00:00:00Z" }

    private static func state(_ source: HTTPSource, _ newest: String) throws -> String {
        var state = try PollState(nil, for: source)
        state.newest = newest
        return try state.text
    }

    @Test(
        "are asked by who holds the lease, from where the lake says, and after an edit from there")
    func takeover() async throws {
        let api = try TestAPI()
        let source = HTTPSource(
            url: api.url, parameters: [HTTPField("since", "{cursor}")],
            cursor: HTTPCursor(field: ["at"], type: .timestamptz), everySeconds: 1,
            rate: HTTPRate(requests: 500, perSeconds: 1))
        try await withFolder { path in
            let bench = try HTTPBench(path)
            let lake = try LakeAddress.open("file://\(path)/lake")
            let states = SourceStates(lake: lake)
            let other = ULID()
            try await states.write(
                SourceState(text: try Self.state(source, Self.day(3)), segment: other),
                of: "shop.orders")
            let lease = HandedLease()
            let polled = PolledSources(
                [bench.watch], lease: lease, states: states, spool: bench.spool,
                log: bench.context.log)
            await polled.follow([.http(source)])
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    await api.run { request in
                        let since = request.query["since"] ?? ""
                        let later = since < Self.day(4) ? "{\"at\":\"\(Self.day(4))\"}" : ""
                        return TestAPI.json("[\(later)]")
                    }
                }
                group.addTask { try await polled.run() }
                try await Task.sleep(for: .seconds(1))
                #expect(api.requests.isEmpty)
                lease.held.withLock { $0 = true }
                try await eventually { api.requests.count >= 3 }
                #expect(api.requests.first?.query["since"] == Self.day(3))
                #expect(api.requests.last?.query["since"] == Self.day(4))
                let segment = try #require(try await bench.spool.segments().first)
                #expect(try await bench.spool.note(with: segment.id)?.before == other)

                let edit = StateEdit(
                    text: try Self.state(source, Self.day(2)), before: nil, who: "me", verb: "set")
                try await states.edit(edit, of: "shop.orders")
                try await eventually {
                    api.requests.contains { $0.query["since"] == Self.day(2) }
                }
                try await eventually { try await bench.spool.segments().count >= 2 }
                let last = try #require(try await bench.spool.segments().last)
                #expect(try await bench.spool.note(with: last.id)?.edit == edit.id)

                lease.held.withLock { $0 = false }
                try await eventually { bench.lines.count(of: "state edited") == 1 }
                try await Task.sleep(for: .seconds(1))
                let count = api.requests.count
                try await Task.sleep(for: .seconds(2))
                #expect(api.requests.count == count)
                // Its own spool is ahead of the lake now.
                lease.held.withLock { $0 = true }
                try await eventually { api.requests.count > count }
                #expect(api.requests.last?.query["since"] == Self.day(4))
                #expect(bench.lines.count(of: "state taken over") == 1)
                group.cancelAll()
            }
        }
    }
}
