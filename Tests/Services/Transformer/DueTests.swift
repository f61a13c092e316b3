import Events
import Foundation
import Lake
import Pipelines
import Testing

@testable import transformer

@Suite("A run that is due", .enabled(if: Rig.isReady, "MILLRACE_DUCKDB names no duckdb"))
struct DueTests {
    @Test("takes what lies in the landing zone, which nothing takes before")
    func waits() async throws {
        try await Rig.with { rig in
            let revision = try await rig.schedule()
            var landed: [Event] = []
            for name in ["a.csv", "b.csv"] {
                landed.append(try await rig.land(name, "id,title\n1,\(name)\n", of: revision))
            }
            for event in landed { #expect(try await rig.handler.handle(event).isEmpty) }
            #expect(try await rig.keys("landing/").count == 2)
            let run = rig.due(revision)
            try await RunMarks(lake: rig.lake).begin("shop", run.batch(0))
            let event = try Event(run, id: run.eventID, from: "/test")
            let facts = try #require(try rig.facts(try await rig.handler.handle(event)))
            #expect(facts.batch == run.batch(0) && facts.due == run.due)
            #expect(facts.counts == Counts(read: 2, superseded: 1))
            #expect(try await rig.keys("landing/").isEmpty)
            // What lands later is the next run's, and a second saying changes nothing.
            _ = try await rig.land("c.csv", "id,title\n2,c\n", of: revision, after: run.firedAt)
            #expect(try rig.facts(try await rig.handler.handle(event)) == facts)
            try await rig.handler.confirmed(event)
            #expect(try await rig.keys("claims/").isEmpty)
            #expect(try await rig.keys("landing/").count == 1)
            // The loader takes the mark away.
            #expect(try await RunMarks(lake: rig.lake).inFlight("shop").count == 1)
        }
    }

    @Test("of nothing is over at once")
    func empty() async throws {
        try await Rig.with { rig in
            let run = rig.due(try await rig.schedule())
            try await RunMarks(lake: rig.lake).begin("shop", run.batch(0))
            #expect(try await rig.handler.run(run).isEmpty)
            #expect(try await RunMarks(lake: rig.lake).inFlight("shop").isEmpty)
        }
    }

    @Test("makes as many batches as it takes, and goes on where it was killed")
    func many() async throws {
        try await Rig.with { rig in
            let revision = try await rig.schedule()
            let count = Claiming.objectLimit + 1
            for number in 0..<count {
                _ = try await rig.land("\(number).csv", "id,title\n\(number),x\n", of: revision)
            }
            let run = rig.due(revision)
            let first = ObjectLanded(
                pipeline: "shop", revision: revision, dataset: "books",
                object: try #require(try await rig.keys("landing/").first), bytes: 0, sha256: nil,
                times: [:])
            // Killed behind the claim.
            _ = try await Claiming(lake: rig.lake).objects(
                of: first, batch: run.batch(0), due: run)
            let batches = try await rig.handler.run(run)
            #expect(batches.map(\.batch) == [run.batch(0), run.batch(1)])
            #expect(batches.reduce(0) { $0 + $1.counts.read } == count)
            #expect(try await rig.handler.run(run) == batches)
        }
    }
}

extension Rig {
    fileprivate func schedule() async throws -> String {
        let catalog = PipelineCatalog(lake: lake)
        var pipeline = try await catalog.pipeline("shop", revision: revision)
        pipeline.trigger = Trigger(.every(seconds: 60))
        return try await catalog.apply(pipeline)
    }

    fileprivate func due(_ revision: String) -> RunDue {
        // As an event carries it.
        let now = Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded(.up))
        return RunDue(
            pipeline: "shop", dataset: "books", revision: revision, due: now, firedAt: now,
            cause: .schedule)
    }

    /// Lands an object of another revision, perhaps in the future.
    fileprivate func land(
        _ name: String, _ text: String, of revision: String, after date: Date? = nil
    ) async throws -> Event {
        var landed: ObjectLanded = try await land(name, text).payload()
        landed.revision = revision
        if let date {
            try FileManager.default.setAttributes(
                [.modificationDate: date.addingTimeInterval(1)],
                ofItemAtPath: lake.location(of: landed.object))
        }
        return try Event(landed, from: "/test")
    }
}
