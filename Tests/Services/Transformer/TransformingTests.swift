import Events
import Foundation
import Lake
import Testing

@testable import transformer

@Suite("The transformer", .enabled(if: Rig.isReady, "MILLRACE_DUCKDB names no duckdb"))
struct TransformingTests {
    @Test("makes a batch of a landed object and what waits beside it")
    func batch() async throws {
        try await Rig.with { rig in
            let older = try await rig.land(
                "a.csv", "id,title\n1,old\n2,two\n", id: ULID(at: Date(timeIntervalSinceNow: -9)))
            let event = try await rig.land("b.csv", "id,title\n1,new\nx,bad\n")
            let events = try await rig.handler.handle(event)
            let facts = try #require(try rig.facts(events))
            #expect(events.first?.id == "\(facts.batch).transformed")
            #expect(facts.objects.map { String($0.name.dropFirst(27)) } == ["a.csv", "b.csv"])
            #expect(facts.counts == Counts(read: 4, superseded: 1, rejected: 1))
            #expect(facts.objects[0].counts.superseded == 1)
            #expect(facts.times.keys.contains(.claimed) && facts.times.keys.contains(.transformed))
            let processed = try #require(facts.processed)
            #expect(try await rig.lake.info(processed) != nil)
            let rejects = try #require(facts.rejects)
            #expect(try await rig.lake.info(rejects) != nil)
            let landing = try await rig.lake.list(prefix: "landing/", after: nil, limit: 10)
            #expect(landing.isEmpty)
            // The other object's own event finds it taken.
            #expect(try await rig.handler.handle(older).isEmpty)
        }
    }

    @Test("says the same facts again when the event comes again")
    func redelivery() async throws {
        try await Rig.with { rig in
            let event = try await rig.land("a.csv", "id,title\n1,one\n")
            let first = try rig.facts(try await rig.handler.handle(event))
            let second = try rig.facts(try await rig.handler.handle(event))
            #expect(first != nil)
            #expect(first == second)
        }
    }

    @Test("goes on with a batch that was claimed and never transformed")
    func resume() async throws {
        try await Rig.with { rig in
            let extra = try await rig.land("b.csv", "id,title\n2,two\n")
            let event = try await rig.land("a.csv", "id,title\n1,one\n")
            let landed: ObjectLanded = try event.payload()
            let batch = try #require(LakeKeys.landed(landed.object)?.id)
            let claim = try await Claiming(lake: rig.lake).objects(of: landed, batch: batch)
            #expect(claim?.objects.count == 2)
            // Something else lands before the event comes again: it is not this batch's.
            let late = try await rig.land("c.csv", "id,title\n3,three\n")
            #expect(try await rig.handler.handle(extra).isEmpty)
            let facts = try rig.facts(try await rig.handler.handle(event))
            #expect(facts?.counts.read == 2)
            let rest = try rig.facts(try await rig.handler.handle(late))
            #expect(rest?.counts.read == 1)
        }
    }

    @Test("treats a batch by the revision that claimed it")
    func revision() async throws {
        try await Rig.with { rig in
            let id = ULID()
            let event = try await rig.land("a.csv", "id,title\n1,x\n", id: id)
            let landed: ObjectLanded = try event.payload()
            _ = try await Claiming(lake: rig.lake).objects(of: landed, batch: id)
            var later = landed
            later.revision = try await rig.applyAgain()
            #expect(later.revision != rig.revision)
            let events = try await rig.handler.handle(Event(later, from: "/test"))
            #expect(try rig.facts(events)?.revision == rig.revision)
        }
    }

    @Test("gives one set of facts when two of it have the same event at once")
    func twoAtOnce() async throws {
        try await Rig.with { rig in
            _ = try await rig.land("b.csv", "id,title\n2,two\n")
            let event = try await rig.land("a.csv", "id,title\n1,one\n3,three\n")
            async let left = rig.handler.handle(event)
            async let right = rig.handler.handle(event)
            let facts = [try rig.facts(try await left), try rig.facts(try await right)]
            #expect(facts[0] != nil)
            #expect(facts[0] == facts[1])
            #expect(facts[0]?.counts == Counts(read: 3))
        }
    }

    @Test("gives each object to one batch when many come at once")
    func manyAtOnce() async throws {
        try await Rig.with { rig in
            var events: [Event] = []
            for index in 0..<6 {
                events.append(try await rig.land("\(index).csv", "id,title\n\(index),t\n"))
            }
            let batches = try await withThrowingTaskGroup(of: BatchFacts?.self) { group in
                for event in events {
                    group.addTask { try rig.facts(try await rig.handler.handle(event)) }
                }
                return try await group.reduce(into: []) { $0.append($1) }.compactMap { $0 }
            }
            let names = batches.flatMap { $0.objects.map(\.name) }
            #expect(Set(names).count == 6)
            #expect(names.count == 6)
            #expect(batches.map(\.counts.read).reduce(0, +) == 6)
        }
    }

    @Test("transforms a batch of which every object is refused")
    func refused() async throws {
        try await Rig.with { rig in
            let event = try await rig.land("a.csv", "id,name\n1,one\n")
            let facts = try #require(try rig.facts(try await rig.handler.handle(event)))
            #expect(facts.processed == nil)
            #expect(facts.rejects != nil)
            #expect(facts.counts == Counts(read: 1, rejected: 1))
            #expect(facts.objects.first?.refusal?.contains("`name`") == true)
        }
    }

    @Test("leaves nothing in the scratch folder")
    func tidy() async throws {
        try await Rig.with { rig in
            _ = try await rig.handler.handle(try await rig.land("a.csv", "id,title\nx,one\n"))
            let scratch = try await rig.lake.scratch()
            #expect(try FileManager.default.contentsOfDirectory(atPath: scratch).isEmpty)
        }
    }

    @Test("sets an event aside that names no landing key of its dataset")
    func poison() async throws {
        try await Rig.with { rig in
            var landed: ObjectLanded = try await rig.land("a.csv", "id,title\n").payload()
            landed.object = "landing/other/books/date=2026-01-01/x"
            let event = try Event(landed, from: "/test")
            let error = await #expect(throws: HandlingError.self) {
                try await rig.handler.handle(event)
            }
            #expect(error?.disposition == .poison)
        }
    }
}
