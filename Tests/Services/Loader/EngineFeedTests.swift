import Engine
import Events
import Testing
import Warehouse

@testable import loader

@Suite(
    "The engine's way into staging", .enabled(if: Rig.isReady, "\(Rig.missing)"),
    .timeLimit(.minutes(5)))
struct EngineFeedTests {
    @Test(
        "fails in passing when the engine is killed, in the middle of a row or between two",
        arguments: ["head -c 5", "head -n 1"])
    func killed(_ cut: String) async throws {
        try await Rig.with { rig in
            let facts = try await rig.batch([Contents(rows: ["(1, 'a', 1)", "(2, 'b', 1)"])])
            try await rig.loading.gate.pass()
            try await withProgram("\(Rig.program ?? "duckdb") \"$@\" | \(cut); kill -TERM $$") {
                let feed = EngineFeed(engine: DuckDBEngine(program: $0), lake: rig.lake)
                let staging = Staging(
                    tables: rig.loading.publishing.tables, feed: feed, refusedRowsLimit: 5)
                let error = await #expect(throws: HandlingError.self) {
                    try await staging.stage(facts)
                }
                #expect(error?.disposition == .transient)
            }
            #expect(try await rig.load(facts).counts.published == 2)
        }
    }
}
