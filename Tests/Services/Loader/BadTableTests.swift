import Events
import Foundation
import Kit
import Pipelines
import Postgres
import Testing
import Warehouse

@testable import loader

/// The rows of `Keys and merge`, `Names and injection` and `Warehouse` in
/// `compose/pipelines/BAD-INPUT.md` that other suites do not try.
@Suite(
    "A table that meets the unexpected", .enabled(if: Rig.isReady, "\(Rig.missing)"),
    .timeLimit(.minutes(5)))
struct BadTableTests {
    private static func texts(_ mode: Load.Mode = .merge) -> Pipeline {
        var pipeline = Pipeline.shop(load: Load(mode: mode, key: ["text"], newestBy: nil))
        pipeline.datasets[0].columns.swapAt(0, 1)
        return pipeline
    }

    @Test("keeps keys apart that only look the same")
    func lookalikes() async throws {
        // One with a composed letter, one with two; case, a blank, a blank without a break.
        let keys = ["A", "a", "a ", "a\u{A0}", "\u{E9}", "e\u{301}", "", "'; drop schema shop --"]
        try await Rig.with { rig in
            for version in [1, 2] {
                let rows = keys.map { "('\($0.replacing("'", with: "''"))', \(version), 1)" }
                let facts = try await rig.batch([Contents(rows: rows)], of: Self.texts())
                #expect(try await rig.load(facts).counts.published == keys.count)
            }
            let found = try await rig.values("select text from shop.reviews where id = 2")
            #expect(Set(found) == Set(keys) && found.count == keys.count)
        }
    }

    @Test("takes an update of a row that it never saw as a new row")
    func unseen() async throws {
        try await Rig.with { rig in
            let facts = try await rig.batch([Contents(rows: ["(9, 'updated', 7)"])])
            #expect(try await rig.load(facts).counts.published == 1)
            #expect(try await rig.reviews() == ["9 updated 7"])
        }
    }

    @Test("of which a person has changed what is not ours goes on")
    func altered() async throws {
        try await Rig.with { rig in
            _ = try await rig.load(try await rig.batch([Contents(rows: ["(1, 'a', 1)"])]))
            for statement in [
                "alter table shop.reviews add column note text default 'mine'",
                "alter table shop.reviews add column double int generated always as (updated * 2) stored",
                "create view shop.seen as select id, text from shop.reviews",
                "create function shop.stamp() returns trigger language plpgsql as "
                    + "'begin new.note := ''touched''; return new; end'",
                "create trigger stamp before update on shop.reviews for each row "
                    + "execute function shop.stamp()",
            ] { _ = try await rig.pool.query(statement) }
            let rows = ["(1, 'b', 2)", "(2, 'c', 1)"]
            let counts = try await rig.load(try await rig.batch([Contents(rows: rows)])).counts
            #expect(counts == Counts(read: 2, published: 2))
            let found = try await rig.values(
                "select concat_ws(' ', id, text, note, double) from shop.reviews order by id")
            #expect(found == ["1 b touched 4", "2 c mine 2"])
        }
    }

    @Test("with a new NOT NULL column of a person's refuses rows, each as a reject with the reason")
    func notNull() async throws {
        try await Rig.with { rig in
            _ = try await rig.load(try await rig.batch([Contents(rows: ["(1, 'a', 1)"])]))
            _ = try await rig.pool.query("alter table shop.reviews add column must text")
            _ = try await rig.pool.query("update shop.reviews set must = 'x'")
            _ = try await rig.pool.query("alter table shop.reviews alter column must set not null")
            let facts = try await rig.batch([Contents(rows: ["(2, 'b', 1)"])])
            #expect(try await rig.load(facts).counts == Counts(read: 1, rejected: 1))
            let reject = try #require(try await Rejects(rig.pool).list(batch: facts.batch).first)
            #expect(reject.reason == "missing_value" && reject.column == "must")
            #expect(reject.stage == "load" && reject.line == 2)
        }
    }

    @Test("whose key or type the pipeline changes refuses batches, with the fix in the sentence")
    func changedKey() async throws {
        try await Rig.with { rig in
            _ = try await rig.load(try await rig.batch([Contents(rows: ["(1, 'a', 1)"])]))
            let key = Load(mode: .merge, key: ["id", "text"], newestBy: nil)
            let history = Load(mode: .scd2, key: ["id"], newestBy: "updated")
            for (load, word) in [(key, "load.key is (id, text)"), (history, "scd2 wants")] {
                let facts = try await rig.batch(
                    [Contents(rows: ["(1, 'b', 2)"])], of: .shop(load: load))
                let error = await #expect(throws: HandlingError.self) {
                    try await rig.transformed(facts)
                }
                #expect(error?.errorClass == "warehouse.key_conflict")
                #expect(error?.description.contains(word) == true, "\(String(describing: error))")
            }
            var pipeline = Pipeline.shop()
            pipeline.datasets[0].columns[0].type = .text
            let facts = try await rig.batch([Contents(rows: ["('1', 'b', 2)"])], of: pipeline)
            let error = await #expect(throws: HandlingError.self) {
                try await rig.transformed(facts)
            }
            #expect(error?.errorClass == "warehouse.type_conflict")
            #expect(try await rig.reviews() == ["1 a 1"])
        }
    }

    @Test("may have any reserved word for a column")
    func reservedWords() async throws {
        let words = [
            "select", "user", "order", "table_name", "end", "object", "source_id", "index",
        ]
        let columns = words.map { Column(name: $0, field: $0, type: .text) }
        for mode in Load.Mode.allCases {
            let key = mode == .append ? [] : ["id", "order", "object"]
            let load = Load(
                mode: mode, key: key, newestBy: mode == .append ? nil : "updated",
                deleteWhen: mode == .merge ? "\"select\" = 'gone'" : nil)
            try await Rig.with { rig in
                let pipeline = Pipeline.shop(columns: columns, load: load)
                let values = words.map { "'\($0)'" }.joined(separator: ", ")
                let facts = try await rig.batch(
                    [Contents(rows: ["(1, 'a', 1, \(values))"])], of: pipeline)
                #expect(try await rig.load(facts).counts == Counts(read: 1, published: 1))
            }
        }
    }

    @Test("keeps the staging of two datasets apart whose long names are cut to the same")
    func longNames() async throws {
        try await Rig.with { rig in
            let long = String(repeating: "x", count: 40)
            let batches = [ULID(), ULID()]
            let names = zip(["a", "b"], batches).map { end, batch in
                TableName.staging(long, String(long.dropLast()) + end, batch: batch).name
            }
            #expect(Set(names).count == 2 && names.allSatisfy { $0.utf8.count <= 63 })
            #expect(names[0].prefix(36) == names[1].prefix(36))
            var pipeline = Pipeline.shop(load: Load(mode: .scd2, key: ["id"], newestBy: "updated"))
            pipeline.datasets[0].name = long
            let facts = try await rig.batch(
                [Contents(rows: ["(1, 'a', 1)"])], of: pipeline, dataset: long)
            #expect(try await rig.load(facts).counts.published == 1)
            let tables = try await rig.values(
                "select tablename from pg_tables where schemaname = 'shop' order by 1")
            #expect(tables == ["_seen_\(long)", long])
        }
    }

    @Test("that somebody holds is asked again, until it can be had")
    func locked() async throws {
        try await Rig.with { rig in
            _ = try await rig.load(try await rig.batch([Contents(rows: ["(1, 'a', 1)"])]))
            let impatient = try rig.loader(limits: PostgresLimits(lock: .milliseconds(100)))
            let facts = try await rig.batch([Contents(rows: ["(1, 'b', 2)"])])
            _ = try await rig.transformed(facts)
            async let holder: Void = rig.pool.transaction { connection in
                try await connection.execute("lock table shop.reviews in access exclusive mode")
                _ = try await connection.query("select pg_sleep(1)")
            }
            try await eventually(within: .seconds(60), "the table is locked") {
                try await rig.values(
                    """
                    select 1 from pg_locks where relation = 'shop.reviews'::regclass
                        and mode = 'AccessExclusiveLock' and granted
                    """) == ["1"]
            }
            #expect(try await impatient.approved(facts).first?.kind == .batchPublished)
            try await holder
            #expect(try await rig.reviews() == ["1 b 2"])
        }
    }
}
