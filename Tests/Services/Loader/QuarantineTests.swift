import Events
import Kit
import Pipelines
import Postgres
import Testing
import Warehouse

@Suite(
    "A check that sets rows aside", .enabled(if: Rig.isReady, "\(Rig.missing)"),
    .timeLimit(.minutes(5)))
struct QuarantineTests {
    private static func pipeline(_ rules: Check.Rule...) -> Pipeline {
        var pipeline = Pipeline.shop()
        pipeline.datasets[0].checks = rules.enumerated().map {
            Check(name: "rule \($0)", rule: $1, severity: .quarantine)
        }
        return pipeline
    }

    @Test("makes rejects of the rows that break it; the others are published, and it balances")
    func rules() async throws {
        let pipeline = Self.pipeline(
            .notNull(column: "text"), .range(column: "updated", minimum: "1", maximum: "9"),
            .acceptedValues(column: "text", values: ["a", "b", "it's"]),
            .unique(columns: ["updated"]))
        try await Rig.with { rig in
            let rows = [
                "(1, 'a', 1)", "(2, NULL, 2)", "(3, 'b', 10)", "(4, 'c', 4)", "(5, 'a', 6)",
                "(6, 'it''s', 6)",
            ]
            let facts = try await rig.batch([Contents(rows: rows)], of: pipeline)
            for _ in 0..<2 {
                let published = try await rig.load(facts)
                #expect(published.counts == Counts(read: 6, published: 2, rejected: 4))
            }
            #expect(try await rig.reviews() == ["1 a 1", "6 it's 6"])
            let rejects = try await Rejects(rig.pool).list(batch: facts.batch)
            #expect(rejects.map(\.line) == [3, 4, 5, 6])
            #expect(
                rejects.map(\.reason)
                    == ["missing_value", "out_of_range", "not_accepted", "duplicate"])
            #expect(rejects.allSatisfy { $0.stage == "check" })
            #expect(rejects.map(\.value) == [nil, "10", "c", "6"])
            #expect(rejects[1].message == "the row breaks the check `rule 1`")
        }
    }

    @Test("looks for what rows refer to, and takes the same rows when the batch is staged anew")
    func reference() async throws {
        let pipeline = Self.pipeline(.reference(column: "updated", to: "books", toColumn: "id"))
        try await Rig.with { rig in
            let books = try await rig.batch(
                [Contents(rows: ["(1, 'a', 1)"])], of: pipeline, dataset: "books")
            let facts = try await rig.batch(
                [Contents(rows: ["(1, 'a', 1)", "(2, 'b', 2)", "(3, 'c', NULL)"])], of: pipeline)
            _ = try await rig.load(books)
            let staged = try #require(try await rig.transformed(facts).first)
            let counted = try staged.payload(BatchStaged.self).facts
            #expect(counted.counts.rejected == 1)
            // What was missing comes, and a crash of the server empties the staging table.
            let late = try await rig.batch(
                [Contents(rows: ["(2, 'b', 1)"])], of: pipeline, dataset: "books")
            _ = try await rig.load(late)
            let table = TableName.staging("shop", "reviews", batch: facts.batch)
            _ = try await rig.pool.query("truncate \(table.sql)")
            let published = try rig.published(try await rig.approved(counted))
            #expect(published.counts == Counts(read: 3, published: 2, rejected: 1))
            let reject = try #require(try await Rejects(rig.pool).list(batch: facts.batch).first)
            #expect(reject.stage == "reference" && reject.reason == "no_reference")
            #expect(try await rig.values("select id from shop.reviews order by id") == ["1", "3"])
        }
    }

    @Test("takes the rows that its own SELECT gives, by their place or their key, as a reader")
    func written() async throws {
        for query in [
            "select * from {{table}} where text = 'b'",
            "select id from {{table}} where text = 'b' limit {{top}}",
            "select t.id from {{table}} as t join {{books}} as b on b.id = t.updated",
        ] {
            try await Rig.with { rig in
                let pipeline = Self.pipeline(.sql(query))
                let books = try await rig.batch(
                    [Contents(rows: ["(2, 'a', 1)"])], of: pipeline, dataset: "books")
                _ = try await rig.load(books)
                let facts = try await rig.batch(
                    [Contents(rows: ["(1, 'a', 1)", "(2, 'b', 2)", "(3, 'c', 3)"])], of: pipeline)
                for _ in 0..<2 {
                    let published = try await rig.load(facts)
                    #expect(published.counts == Counts(read: 3, published: 2, rejected: 1))
                }
                let reject = try #require(
                    try await Rejects(rig.pool).list(batch: facts.batch).first)
                #expect(reject.line == 3 && reject.reason == "constraint")
            }
        }
    }

    @Test("refuses a SELECT that does not tell which rows it means, or reaches too far")
    func unnamed() async throws {
        for (query, word) in [
            ("select text from {{table}}", "loader.unnamed_rows"),
            (
                "select id from {{table}} where text in (select secret from millrace.subscriptions)",
                ""
            ),
        ] {
            try await Rig.with { rig in
                let facts = try await rig.batch(
                    [Contents(rows: ["(1, 'a', 1)"])], of: Self.pipeline(.sql(query)))
                do {
                    _ = try await rig.transformed(facts)
                    Issue.record("\(query) was taken")
                } catch let error as any ClassifiedError {
                    #expect(error.disposition == .permanent)
                    #expect(word.isEmpty || error.errorClass == word)
                }
            }
        }
    }

    @Test("may take all rows, and counts towards the limit of rejects")
    func limit() async throws {
        var pipeline = Self.pipeline(.notNull(column: "text"))
        let rows = ["(1, NULL, 1)", "(2, NULL, 1)"]
        try await Rig.with { [pipeline] rig in
            let facts = try await rig.batch([Contents(rows: rows)], of: pipeline)
            #expect(try await rig.load(facts).counts == Counts(read: 2, rejected: 2))
        }
        pipeline.datasets[0].maxRejected = .percent(50)
        try await Rig.with { [pipeline] rig in
            let facts = try await rig.batch([Contents(rows: rows)], of: pipeline)
            #expect(try await rig.transformed(facts).first?.kind == .batchRefused)
        }
    }
}
