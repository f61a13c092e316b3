import Events
import Foundation
import Kit
import Postgres
import Service
import Telemetry
import Testing
import Warehouse

@testable import loader

@Suite(
    "What dead batches leave", .enabled(if: Rig.isReady, "\(Rig.missing)"),
    .timeLimit(.minutes(5)))
struct CleanupTests {
    private static let old = ULID(at: Date(timeIntervalSinceNow: -90_000))

    @Test("is removed when the run has ended, or there is none and the batch is old")
    func dead() async throws {
        try await Rig.with { rig in
            try await rig.loading.gate.pass()
            for state in [RunState.published, .refused, .failed] {
                try await leave(ULID(), state, rig)
            }
            try await leave(Self.old, nil, rig)
            #expect(try await rig.staged().count == 4)
            try await rig.cleanup.round()
            #expect(try await rig.staged().isEmpty)
            let metrics = rig.loading.context.metrics.render()
            #expect(metrics.contains(#"millrace_staging_removed_total{state="failed"} 1"#))
            #expect(metrics.contains(#"millrace_staging_removed_total{state="none"} 1"#))
        }
    }

    @Test("stays while the batch is alive: young, waiting for approval, or in somebody's hand")
    func alive() async throws {
        try await Rig.with { rig in
            try await rig.loading.gate.pass()
            try await leave(ULID(), nil, rig)
            try await leave(ULID(), .staged, rig)
            try await leave(Self.old, .staged, rig)
            let held = ULID()
            try await leave(held, .failed, rig)
            try await rig.pool.with {
                try await $0.execute("create table millrace_staging.mine ()")
            }
            try await rig.pool.transaction { connection in
                try await Staging.lock(held, connection)
                try await rig.cleanup.round()
            }
            #expect(try await rig.staged().count == 5)
            #expect(rig.loading.context.metrics.render().contains("millrace_staging_waiting 1"))
            try await rig.cleanup.round()
            #expect(try await rig.staged().count == 4)
        }
    }

    @Test("can still be published: a replay of the event stages the batch again")
    func replay() async throws {
        try await Rig.with { rig in
            let facts = try await rig.batch([Contents(rows: ["(1, 'a', 1)"])])
            _ = try await rig.transformed(facts)
            try await rig.pool.transaction {
                try await Runs.record(Run(facts, state: .failed, counts: facts.counts), $0)
            }
            try await rig.cleanup.round()
            #expect(try await rig.staged().isEmpty)
            #expect(try rig.published(try await rig.approved(facts)).counts.published == 1)
        }
    }

    @Test("are no rejects that another batch has published, and all the others are kept")
    func rejects() async throws {
        try await Rig.with { rig in
            let reject = "(2, NULL, 'malformed', 'm', 'r')"
            let object = Contents(rows: ["(1, 'a', 1)"], rejects: [reject])
            let other = Contents(rows: ["(2, 'b', 1)"], rejects: [reject])
            let refused = try await rig.batch([object, other])
            _ = try await rig.transformed(refused)
            _ = try await rig.refused(refused, ["no"])
            _ = try await rig.load(try await rig.batch([object]))
            #expect(try await Rejects(rig.pool).list().count == 3)
            try await rig.cleanup.round()
            let left = try await Rejects(rig.pool).list(batch: refused.batch)
            #expect(left.map(\.object) == [other.name])
            #expect(try await Rejects(rig.pool).list().count == 2)
        }
    }

    private func leave(_ batch: ULID, _ state: RunState?, _ rig: Rig) async throws {
        let table = TableName.staging("shop", "reviews", batch: batch)
        try await rig.pool.transaction { connection in
            try await connection.execute("create unlogged table \(table.sql) (n int)")
            guard let state else { return }
            let facts = BatchFacts(
                pipeline: "shop", revision: "r", dataset: "reviews", batch: batch, objects: [],
                processed: nil, rejects: nil, times: [:])
            try await Runs.record(Run(facts, state: state, counts: Counts()), connection)
        }
    }
}

extension Rig {
    var cleanup: Cleanup {
        Cleanup(
            gate: loading.gate, pool: pool, age: .seconds(86_400), period: .seconds(600),
            context: loading.context)
    }
}
