import Events
import Foundation
import Kit
import Postgres
import Testing
import Warehouse

@Suite(
    "The runs in the warehouse",
    .enabled(if: TestWarehouse.isAvailable, "\(TestWarehouse.missing)"), .serialized,
    .timeLimit(.minutes(5)))
struct RunsTests {
    @Test("are read as they were written, and found by the beginning of their id")
    func roundTrip() async throws {
        try await withWarehouse { pool in
            var run = run(.refused)
            run.reasons = ["a \"quoted\" reason", "unique(id): 2 rows; x', NULL'); --"]
            try await record(run, pool)
            let prefix = run.batch.description.prefix(20).lowercased()
            var found = try #require(try await Runs(pool).find(prefix: prefix).first)
            found.updatedAt = run.updatedAt
            #expect(found == run)
            #expect(try await Runs(pool).find(prefix: "_%").isEmpty)
        }
    }

    @Test("are listed newest first, by pipeline, dataset and state")
    func list() async throws {
        try await withWarehouse { pool in
            var first = run(.staged)
            first.startedAt = Date(timeIntervalSince1970: 1)
            try await record(first, pool)
            let second = run(.failed)
            try await record(second, pool)
            #expect(try await Runs(pool).list().map(\.batch) == [second.batch, first.batch])
            #expect(try await Runs(pool).list(state: .staged).map(\.batch) == [first.batch])
            #expect(try await Runs(pool).list(pipeline: "other").isEmpty)
        }
    }

    @Test("stay published, whatever comes late")
    func published() async throws {
        try await withWarehouse { pool in
            var run = run(.published)
            try await record(run, pool)
            run.state = .failed
            try await record(run, pool)
            #expect(try await Runs(pool).run(of: run.batch)?.state == .published)
        }
    }

    @Test("fail when a service gives up on their batch, and go on when it is handled after all")
    func failed() async throws {
        try await withWarehouse { pool in
            let facts = BatchFacts(
                pipeline: "shop", revision: "0123456789ab", dataset: "reviews", batch: ULID(),
                objects: [], processed: nil, rejects: nil, times: [:])
            for state in [RunState.staged, .published] {
                try await pool.transaction { try await Runs.fail(facts, because: "why", $0) }
                let failed = try #require(try await Runs(pool).run(of: facts.batch))
                #expect(failed.state == .failed && failed.reasons == ["why"])
                try await record(Run(facts, state: state, counts: Counts()), pool)
            }
            try await pool.transaction { try await Runs.fail(facts, because: "late", $0) }
            #expect(try await Runs(pool).run(of: facts.batch)?.state == .published)
        }
    }

    @Test("that were refused stay so when a service gives up on what follows")
    func refused() async throws {
        try await withWarehouse { pool in
            let facts = BatchFacts(
                pipeline: "shop", revision: "0123456789ab", dataset: "reviews", batch: ULID(),
                objects: [], processed: nil, rejects: nil, times: [:])
            try await record(Run(facts, state: .refused, counts: Counts()), pool)
            try await pool.transaction { try await Runs.fail(facts, because: "late", $0) }
            #expect(try await Runs(pool).run(of: facts.batch)?.state == .refused)
        }
    }

    private func record(_ run: Run, _ pool: PostgresPool) async throws {
        try await pool.transaction { try await Runs.record(run, $0) }
    }

    private func run(_ state: RunState) -> Run {
        let start = Date(timeIntervalSince1970: 1_700_000_000.125)
        return Run(
            batch: ULID(), pipeline: "shop", dataset: "reviews", revision: "0123456789ab",
            state: state, objects: 2,
            counts: Counts(read: 15, published: 5, superseded: 4, filtered: 3, rejected: 3),
            times: [.arrived: start, .staged: start + 0.5], reasons: [], processed: "p.parquet",
            startedAt: start, updatedAt: start)
    }
}
