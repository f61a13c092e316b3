import Engine
import Events
import Foundation
import Kit
import Pipelines
import Postgres
import Testing
import Warehouse

@testable import loader

@Suite(
    "A row that the warehouse refuses", .enabled(if: Rig.isReady, "\(Rig.missing)"),
    .timeLimit(.minutes(5)))
struct RefusedRowsTests {
    /// Of two objects; `updated` is text in the Parquet, and two of its rows are no numbers.
    private let objects = [
        Contents(
            rows: [
                "(1, 'a', '1')", "(2, 'line' || chr(10) || 'break, \"q\"', '1')", "(3, 'c', 'x')",
            ],
            rejects: ["(9, 'id', 'bad_value', 'm', 'r')"], counts: Counts(superseded: 1)),
        Contents(rows: ["(4, NULL, '99999999999')", "(5, 'e', '1')"]),
    ]

    @Test("becomes a reject; the others are published, and every count balances")
    func isolated() async throws {
        try await Rig.with { rig in
            let facts = try await rig.batch(objects)
            let staged: BatchStaged = try #require(try await rig.transformed(facts).first).payload()
            #expect(staged.facts.objects.map(\.counts.rejected) == [2, 1])
            #expect(staged.facts.counts.kept == 3)
            let published = try rig.published(try await rig.approved(staged.facts))
            let expected = Counts(read: 7, published: 3, superseded: 1, rejected: 3)
            #expect(published.counts == expected)
            #expect(
                try await rig.values("select id from shop.reviews order by id") == ["1", "2", "5"])
            let entries = try await Ledger(rig.pool).entries(of: facts.batch)
            #expect(entries.allSatisfy { $0.counts.isBalanced })
            #expect(entries.reduce(Counts()) { $0 + $1.counts } == expected)

            let rejects = try await Rejects(rig.pool).list(batch: facts.batch)
                .filter { $0.stage == "load" }.sorted { $0.raw ?? "" < $1.raw ?? "" }
            #expect(rejects.map(\.object) == facts.objects.map(\.name))
            #expect(rejects.map(\.line) == [4, 2] && rejects.allSatisfy { $0.column == "updated" })
            #expect(rejects.map(\.reason) == ["bad_value", "out_of_range"])
            #expect(rejects[0].raw == #"{"id":"3","text":"c","updated":"x"}"#)
            #expect(rejects[1].raw?.contains(#""text":null"#) == true)
        }
    }

    @Test("is refused once, however often its batch is staged and told of")
    func again() async throws {
        try await Rig.with { rig in
            let facts = try await rig.batch(objects)
            var told: [BatchFacts] = []
            for _ in 0..<3 {
                let event = try #require(try await rig.transformed(facts).first)
                told.append(try event.payload(BatchStaged.self).facts)
            }
            #expect(told.allSatisfy { $0.counts == told[0].counts })
            // What quality says when it finds the table empty.
            let table = TableName.staging("shop", "reviews", batch: facts.batch)
            try await rig.pool.with { try await $0.execute("truncate \(table.sql)") }
            let event = try #require(try await rig.transformed(told[0]).first)
            #expect(try event.payload(BatchStaged.self).facts.counts == told[0].counts)
            try await rig.pool.with { try await $0.execute("drop table \(table.sql)") }
            for _ in 0..<2 {
                let published = try rig.published(try await rig.approved(told[0]))
                #expect(
                    published.counts == Counts(read: 7, published: 3, superseded: 1, rejected: 3))
            }
            #expect(try await Rejects(rig.pool).list(batch: facts.batch).count == 3)
        }
    }

    @Test(
        "is found whatever is wrong with it",
        arguments: [
            ("repeat('[', 20000) || repeat(']', 20000)", ColumnType.json, "too_long"),
            ("'{\"a\":\"\\u0000\"}'", .json, "invalid_utf8"),
            ("'5000-01-01 BC'", .date, "out_of_range"), ("'1e30'", .decimal, "out_of_range"),
            ("'a' || chr(0) || 'b'", .text, "invalid_utf8"),
        ])
    func kinds(value: String, type: ColumnType, reason: String) async throws {
        try await Rig.with { rig in
            let pipeline = Pipeline.shop(columns: [Column(name: "v", field: "v", type: type)])
            let rows = (0..<40).map { "(\($0), 'x' || chr(10), '1', \($0 == 29 ? value : "NULL"))" }
            let facts = try await rig.batch([Contents(rows: rows)], of: pipeline)
            let published = try await rig.load(facts)
            #expect(published.counts == Counts(read: 40, published: 39, rejected: 1))
            let rejects = try await Rejects(rig.pool).list(batch: facts.batch)
            #expect(rejects.map(\.reason) == [reason] && rejects.map(\.line) == [31])
            #expect(try await rig.values("select id from shop.reviews where id = 29").isEmpty)
        }
    }

    @Test("fails its batch for good where there are too many, and nothing is kept of it")
    func tooMany() async throws {
        try await Rig.with { rig in
            let rows = (0..<50).map { "(\($0), 'a', '\($0 < 6 ? "x" : "1")')" }
            let facts = try await rig.batch([Contents(rows: rows)])
            let error = await #expect(throws: HandlingError.self) {
                try await rig.transformed(facts)
            }
            #expect(error?.errorClass == "loader.too_many_refused")
            #expect(error?.disposition == .permanent)
            #expect(error?.description.contains("more than 5 rows") == true)
            #expect(try await Runs(rig.pool).run(of: facts.batch)?.state == .failed)
            #expect(try await rig.staged().isEmpty)
            #expect(try await Rejects(rig.pool).list(batch: facts.batch).isEmpty)
        }
    }

    @Test("may be any: a batch of such rows alone is published without rows")
    func all() async throws {
        try await Rig.with { rig in
            let facts = try await rig.batch([Contents(rows: ["(1, 'a', 'x')", "(2, 'b', 'y')"])])
            #expect(try await rig.load(facts).counts == Counts(read: 2, rejected: 2))
            #expect(try await Runs(rig.pool).run(of: facts.batch)?.outcome == "rejected")
            #expect(try await rig.reviews().isEmpty)
        }
    }

    @Test(
        "is never made of an engine that is killed while rows are isolated",
        arguments: ["head -c 25", "head -n 2"])
    func killedEngine(_ cut: String) async throws {
        try await Rig.with { rig in
            let facts = try await rig.batch(objects)
            try await rig.loading.gate.pass()
            // The first run is whole, and finds a refused row; the next one is cut.
            let script = """
                n=$(cat "$0.n" 2>/dev/null || echo 0); echo $((n + 1)) > "$0.n"
                if [ $n -lt 2 ]; then exec \(Rig.program ?? "duckdb") "$@"; fi
                \(Rig.program ?? "duckdb") "$@" | \(cut); kill -TERM $$
                """
            try await withProgram(script) {
                let feed = EngineFeed(engine: DuckDBEngine(program: $0), lake: rig.lake)
                let staging = Staging(
                    tables: rig.loading.publishing.tables, feed: feed, refusedRowsLimit: 5)
                let error = await #expect(throws: HandlingError.self) {
                    try await staging.stage(facts)
                }
                #expect(error?.disposition == .transient)
            }
            #expect(try await Rejects(rig.pool).list(batch: facts.batch).isEmpty)
            #expect(try await rig.load(facts).counts.published == 3)
        }
    }

    @Test(
        "by a rule of the target's own is left out of the publish, at any place",
        arguments: [
            "check (id not in (17, 2900))", "unique (text) deferrable initially deferred",
            "foreign key (updated) references parents (n) deferrable initially deferred",
        ])
    func rules(rule: String) async throws {
        try await Rig.with { rig in
            _ = try await rig.load(try await rig.batch([Contents(rows: ["(-1, 'first', '1')"])]))
            try await rig.pool.with { connection in
                try await connection.execute(
                    "create table parents as select n from generate_series(1, 2) n;"
                        + "alter table parents add primary key (n);"
                        + "alter table shop.reviews add \(rule)")
            }
            let rows = (0..<3_000).map { id in
                let isBad = id == 17 || id == 2_900
                return "(\(id), '\(isBad ? "first" : "t\(id)")', '\(isBad ? 3 : 2)')"
            }
            let facts = try await rig.batch([
                Contents(rows: Array(rows[..<1_000])), Contents(rows: Array(rows[1_000...])),
            ])
            let published = try await rig.load(facts)
            #expect(published.counts == Counts(read: 3_000, published: 2_998, rejected: 2))
            #expect(try rig.published(try await rig.approved(facts)).counts == published.counts)
            let entries = try await Ledger(rig.pool).entries(of: facts.batch)
            #expect(entries.allSatisfy { $0.counts.isBalanced && $0.counts.rejected == 1 })
            let rejects = try await Rejects(rig.pool).list(batch: facts.batch)
            #expect(rejects.allSatisfy { $0.stage == "load" && $0.reason == "constraint" })
            let ids = rejects.compactMap(\.raw).map { $0.contains("\"id\": 17,") ? 17 : 2_900 }
            #expect(ids.sorted() == [17, 2_900])
            #expect(try await rig.values("select count(*) from shop.reviews") == ["2999"])
        }
    }
}

/// A shell script as the engine's program.
func withProgram(_ script: String, _ body: @Sendable (String) async throws -> Void) async throws {
    try await withFolder { folder in
        let path = "\(folder)/engine"
        try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        try await body(path)
    }
}
