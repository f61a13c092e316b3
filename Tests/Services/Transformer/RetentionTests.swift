import Events
import Foundation
import Lake
import Pipelines
import Testing

@testable import transformer

@Suite("What a transformer removes")
struct RetentionTests {
    @Test("are raw objects of batches that were transformed long ago, and no manifest")
    func retention() async throws {
        try await Rig.with(engine: LineEngine()) { rig in
            let old = try await rig.land(
                "a.csv", "1\n", id: ULID(at: Date(timeIntervalSinceNow: -900)))
            let facts = try rig.facts(try await rig.handler.handle(old))
            let claimed: ObjectLanded = try await rig.land(
                "b.csv", "2\n", id: ULID(at: Date(timeIntervalSinceNow: -800))
            ).payload()
            let batch = try #require(LakeKeys.landed(claimed.object)?.id)
            _ = try await Claiming(lake: rig.lake).objects(of: claimed, batch: batch)
            _ = try await rig.handler.handle(try await rig.land("c.csv", "3\n"))
            #expect(try await WorkingRetention(lake: rig.lake, age: .seconds(60)).clean() == 0)
            #expect(try await rig.keys("working/").count == 3)
            // As if a minute had passed: all but the unfinished one.
            #expect(try await WorkingRetention(lake: rig.lake, age: .seconds(-60)).clean() == 2)
            #expect(try await rig.keys("working/").map { $0.hasSuffix("b.csv") } == [true])
            #expect(try rig.facts(try await rig.handler.handle(old)) == facts)
        }
    }

    @Test("are what a pipeline does not want to keep so long")
    func ofPipeline() async throws {
        try await Rig.with(engine: LineEngine()) { rig in
            let old = try await rig.land(
                "a.csv", "1\n", id: ULID(at: Date(timeIntervalSinceNow: -900)))
            _ = try await rig.handler.handle(old)
            for (raw, expected) in [(3_600, 0), (-60, 1)] {
                let catalog = PipelineCatalog(lake: rig.lake)
                var pipeline = try await catalog.pipeline("shop", revision: rig.revision)
                pipeline.retention = Retention(raw: raw)
                _ = try await catalog.apply(pipeline)
                let retention = WorkingRetention(lake: rig.lake, age: .seconds(-60))
                #expect(try await retention.clean() == expected)
            }
        }
    }

    @Test("are workplaces of dead jobs, and none of the living")
    func workplaces() async throws {
        try await Rig.with(engine: LineEngine()) { rig in
            let batch = ULID()
            let scratch = try await rig.lake.scratch()
            let dead = "transform-\(ULID())-dead"
            try FileManager.default.createDirectory(
                atPath: "\(scratch)/\(dead)/engine", withIntermediateDirectories: true)
            try Data().write(to: URL(filePath: "\(scratch)/\(dead)/.lock"))
            try await Workplace.with(rig.lake, batch) { place in
                #expect(try await Workplace.busyBatches(rig.lake) == [batch])
                let early = try await Workplace.removeDead(
                    rig.lake, before: Date(timeIntervalSinceNow: -60))
                #expect(early.isEmpty)
                let removed = try await Workplace.removeDead(
                    rig.lake, before: Date(timeIntervalSinceNow: 60))
                #expect(removed == [dead])
                #expect(FileManager.default.fileExists(atPath: place.scratch))
            }
            #expect(try FileManager.default.contentsOfDirectory(atPath: scratch).isEmpty)
        }
    }
}
