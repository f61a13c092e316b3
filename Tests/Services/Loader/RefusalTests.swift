import Events
import Kit
import Lake
import Pipelines
import Postgres
import Testing
import Warehouse

@Suite(
    "A batch that may not pass", .enabled(if: Rig.isReady, "\(Rig.missing)"),
    .timeLimit(.minutes(5)))
struct RefusalTests {
    @Test("leaves the target as it was, and its reasons in the run")
    func refused() async throws {
        try await Rig.with { rig in
            _ = try await rig.load(try await rig.batch([Contents(rows: ["(1, 'a', 1)"])]))
            let facts = try await rig.batch([
                Contents(rows: ["(1, 'b', 2)"], rejects: ["(1, NULL, 'malformed', 'm', 'r')"])
            ])
            _ = try await rig.transformed(facts)
            #expect(try await rig.refused(facts, ["unique(id): 1 row"]).isEmpty)
            #expect(try await rig.refused(facts, ["unique(id): 1 row"]).isEmpty)
            let ids = ["\(facts.batch).refused", "\(facts.batch).refused:shop.reviews.raised"]
            #expect(try await rig.transformed(facts).map(\.id) == ids)
            #expect(try await rig.approved(facts).map(\.id) == ids)
            #expect(try await rig.reviews() == ["1 a 1"])
            #expect(try await rig.staged().isEmpty)
            let run = try await Runs(rig.pool).run(of: facts.batch)
            #expect(run?.state == .refused && run?.reasons == ["unique(id): 1 row"])
            #expect(try await Rejects(rig.pool).list(batch: facts.batch).count == 1)
        }
    }

    @Test("is not staged when its Parquet has other counts than its facts")
    func mismatch() async throws {
        try await Rig.with { rig in
            var facts = try await rig.batch([Contents(rows: ["(1, 'a', 1)"])])
            facts.objects[0].counts.read += 1
            let broken = facts
            try await expect("loader.count_mismatch") { try await rig.transformed(broken) }
            let run = try await Runs(rig.pool).run(of: facts.batch)
            #expect(run?.state == .failed && run?.reasons.count == 1)
            #expect(try await rig.staged().isEmpty)
        }
    }

    @Test("is not published when one of its objects does not balance")
    func imbalance() async throws {
        try await Rig.with { rig in
            let facts = try await rig.batch([
                Contents(rows: ["(1, 'a', 1)"]), Contents(rows: ["(2, 'b', 1)", "(3, 'c', 1)"]),
            ])
            _ = try await rig.transformed(facts)
            try await rig.pool.with { connection in
                let table = TableName.staging("shop", "reviews", batch: facts.batch)
                try await connection.execute("delete from \(table.sql) where id = 3")
            }
            try await expect("loader.imbalance") { try await rig.approved(facts) }
            #expect(try await rig.reviews().isEmpty)
            #expect(try await rig.values("select count(*) from millrace.ledger") == ["0"])
            #expect(try await Runs(rig.pool).run(of: facts.batch)?.state == .failed)
        }
    }

    @Test("goes on when a crash of the server emptied its staging table, or it is gone")
    func lost() async throws {
        for loss in ["truncate", "drop table"] {
            try await Rig.with { rig in
                let facts = try await rig.batch([Contents(rows: ["(1, 'a', 1)"])])
                _ = try await rig.transformed(facts)
                let table = TableName.staging("shop", "reviews", batch: facts.batch)
                try await rig.pool.with { try await $0.execute("\(loss) \(table.sql)") }
                #expect(try rig.published(try await rig.approved(facts)).counts.published == 1)
                #expect(try await rig.reviews() == ["1 a 1"])
            }
        }
    }

    @Test("waits for the engine when it cannot read the Parquet")
    func engine() async throws {
        try await Rig.with { rig in
            let facts = try await rig.batch([Contents(rows: ["(1, 'a', 1)"])])
            try await rig.lake.delete([try #require(facts.processed)])
            let error = await #expect(throws: HandlingError.self) {
                try await rig.transformed(facts)
            }
            #expect(error?.disposition == .transient)
            #expect(try await rig.staged().isEmpty)
        }
    }

    private func expect(
        _ errorClass: String, _ body: @Sendable () async throws -> [Event]
    ) async throws {
        let error = await #expect(throws: HandlingError.self) { _ = try await body() }
        #expect(error?.errorClass == errorClass && error?.disposition == .permanent)
    }

    @Test("has more rejects than its pipeline allows, found by the transform or the warehouse")
    func tooManyRejects() async throws {
        try await Rig.with { rig in
            var pipeline = Pipeline.shop()
            pipeline.datasets[0].maxRejected = .records(1)
            let early = try await rig.batch(
                [
                    Contents(
                        rows: ["(1, 'a', 1)"],
                        rejects: [
                            "(3, 'id', 'bad_value', 'm', 'r')",
                            "(2, 'id', 'missing_value', 'm', 'r')",
                        ])
                ], of: pipeline)
            let events = try await rig.transformed(early)
            #expect(events.map(\.kind) == [.batchRefused, .alertRaised])
            let run = try #require(try await Runs(rig.pool).run(of: early.batch))
            #expect(
                run.reasons == [
                    "2 of 3 records were rejected, and max_rejected is 1: "
                        + "1 bad_value in `id`, 1 missing_value in `id`"
                ])
            let stages = try await Rejects(rig.pool).list(batch: early.batch).map(\.stage)
            #expect(stages == ["contract", "cast"])

            let staged = try await rig.batch(
                [Contents(rows: ["(1, 'a', '1')", "(2, 'b', 'x')", "(3, 'c', 'y')"])], of: pipeline)
            #expect(try await rig.transformed(staged).first?.kind == .batchRefused)
            #expect(try await rig.staged().isEmpty)

            _ = try await rig.load(
                try await rig.batch([Contents(rows: ["(1, 'a', 1)"])], of: pipeline))
            _ = try await rig.pool.query(
                "alter table shop.reviews add constraint short check (length(text) < 3)")
            let late = try await rig.batch(
                [Contents(rows: ["(4, 'long', 1)", "(5, 'long', 1)", "(6, 'd', 1)"])], of: pipeline)
            #expect(try await rig.transformed(late).first?.kind == .batchStaged)
            #expect(try await rig.approved(late).first?.kind == .batchRefused)
            #expect(try await rig.reviews() == ["1 a 1"])
        }
    }
}
