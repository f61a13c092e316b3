import Events
import Foundation
import Kit
import Lake
import Pipelines
import Postgres
import Service
import Telemetry
import Testing
import Warehouse

@testable import loader

@Suite(
    "What pipelines do not want to keep", .enabled(if: Rig.isReady, "\(Rig.missing)"),
    .timeLimit(.minutes(5)))
struct LakeRetentionTests {
    @Test("goes when it is old and its run has ended, and nothing else")
    func old() async throws {
        try await Rig.with { rig in
            var pipeline = Pipeline.shop()
            pipeline.retention = Retention(processed: 3_600, rejects: 3_600)
            let reject = "(7, 'id', 'bad_value', 'm', 'x,y')"
            let done = try await rig.batch(
                [Contents(rows: ["(1, 'a', 1)"], rejects: [reject])], of: pipeline)
            _ = try await rig.load(done)
            let waiting = try await rig.batch([Contents(rows: ["(2, 'b', 1)"])], of: pipeline)
            _ = try await rig.transformed(waiting)
            let retention = LakeRetention(
                lake: rig.lake, catalog: rig.catalog, pool: rig.pool, context: rig.loading.context)
            try await retention.round()
            #expect(try await rig.keys("processed/").count == 2)
            // As if two hours had passed.
            try await retention.round(now: Date(timeIntervalSinceNow: 7_200))
            #expect(try await rig.keys("processed/") == [try #require(waiting.processed)])
            #expect(try await rig.keys("quarantine/").count == 1)
            #expect(try await Rejects(rig.pool).list().isEmpty)
            // What waited is published all the same, and then goes, too.
            _ = try await rig.load(waiting)
            #expect(try await rig.reviews() == ["1 a 1", "2 b 1"])
            try await retention.round(now: Date(timeIntervalSinceNow: 7_200))
            #expect(try await rig.keys("processed/").isEmpty)
            let metrics = rig.loading.context.metrics.render()
            #expect(metrics.contains(#"{pipeline="shop",what="processed"} 2"#), "\(metrics)")
        }
    }

    @Test("is nothing where the pipeline says nothing, and the quarantine where it says so")
    func quarantine() async throws {
        try await Rig.with { rig in
            let rejects = ["(7, 'id', 'bad_value', 'm', 'x,y')"]
            _ = try await rig.load(try await rig.batch([Contents(rows: [], rejects: rejects)]))
            let later = Date(timeIntervalSinceNow: 1e9)
            let retention = LakeRetention(
                lake: rig.lake, catalog: rig.catalog, pool: rig.pool, context: rig.loading.context)
            try await retention.round(now: later)
            #expect(try await rig.keys("quarantine/").count == 1)
            var pipeline = Pipeline.shop()
            pipeline.retention = Retention(quarantine: 86_400)
            _ = try await rig.catalog.apply(pipeline)
            try await retention.round(now: later)
            #expect(try await rig.keys("quarantine/").isEmpty)
            #expect(try await Rejects(rig.pool).list().count == 1)
        }
    }
}

extension Rig {
    fileprivate func keys(_ prefix: String) async throws -> [String] {
        try await lake.list(prefix: prefix, after: nil, limit: 1_000).map(\.key)
    }
}
