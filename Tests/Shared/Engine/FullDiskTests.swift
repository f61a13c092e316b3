import Engine
import Events
import Foundation
import Kit
import Pipelines
import Testing

@Suite(
    "An engine without room for its job", .timeLimit(.minutes(5)),
    .enabled(if: Bench.isReady, "needs MILLRACE_DUCKDB"),
    .enabled(if: SmallDisk.isAvailable, Comment(rawValue: SmallDisk.missing)))
struct FullDiskTests {
    @Test("says that the disk is full, whether nothing fits or only a part", arguments: [0, 4_096])
    func full(free: Int) async throws {
        try await withSmallDisk(megabytes: 1) { disk in
            try await Bench.with { bench in
                let path = "\(bench.folder)/a.csv"
                try "id\n1\n".write(toFile: path, atomically: false, encoding: .utf8)
                _ = try SmallDisk.fill(disk, leaving: free)
                // Its script is longer than a page.
                let columns = (0..<100).map {
                    Column(name: "c\($0)", field: "c\($0)", type: .integer, isOptional: true)
                }
                let job = TransformJob(
                    dataset: .of([Column(name: "id", field: "id", type: .bigint)] + columns),
                    objects: [InputObject(name: "a.csv", location: path)],
                    processed: "\(bench.folder)/p.parquet", rejects: "\(bench.folder)/r.parquet",
                    scratch: disk)
                let error = await #expect(throws: EngineError.self) {
                    _ = try await bench.engine.transform(job)
                }
                #expect(error?.kind == .full && error?.disposition == .transient)
                let away = await #expect(throws: EngineError.self) {
                    try await bench.engine.check()
                }
                #expect(away?.kind == .full)
            }
        }
    }
}
