import Events
import Foundation
import Pipelines
import Postgres
import Testing
import Warehouse

@testable import loader

@Suite(
    "A table that evolves", .enabled(if: Rig.isReady, "\(Rig.missing)"), .serialized,
    .timeLimit(.minutes(5)))
struct EvolutionTests {
    private static let pipeline = Pipeline.days(Contract(newColumns: .evolve))

    @Test("gets a column for a new field; earlier rows have null; both are versions")
    func newColumns() async throws {
        try await Rig.with { rig in
            _ = try await rig.load(try await rig.transform("id\n1\n", of: Self.pipeline))
            let facts = try await rig.transform("id,zipCode,none\n2,7,\n", of: Self.pipeline)
            let said = try await rig.transformed(facts)
            #expect(said.map(\.kind) == [.batchStaged, .schemaChanged])
            let news = try said[1].payload(SchemaChanged.self)
            #expect(news.version == 2 && !news.changesTypes && news.object == "days.csv")
            #expect(
                news.changes == [
                    "`zip_code` is new: bigint, from the field `zipCode`", "`none` is new: text",
                ])
            // A redelivered event says the same.
            let again = try await rig.transformed(facts)
            #expect(again.map(\.id) == said.map(\.id))
            _ = try await rig.approved(facts)
            #expect(try await rig.days() == ["id text", "none text", "zip_code bigint"])
            #expect(try await rig.days("zip_code") == ["~", "7"])
            #expect(
                try await rig.values(
                    "select is_evolution::text from millrace.schema_versions order by version")
                    == ["false", "true"])
        }
    }

    @Test("keeps what was written, in whatever order it comes", arguments: 0..<6)
    func orders(order: Int) async throws {
        let texts = ["id,x\na,5\n", "id,x\nb,1.10\n", "id,x\nc,007\nd,1\n"]
        try await Rig.with { rig in
            for index in permutations(3)[order] {
                _ = try await rig.load(try await rig.transform(texts[index], of: Self.pipeline))
            }
            #expect(try await rig.days() == ["id text", "x text"])
            #expect(try await rig.days("x") == ["5", "1.10", "007", "1"])
        }
    }

    @Test(
        "agrees on one type whichever of two batches comes first",
        arguments: [
            ("1", "2.50", "x numeric", "1 2.50"), ("true", "1", "x text", "true 1"),
            ("2020-01-02", "2020-01-03 10:00:00", "x text", "2020-01-02 2020-01-03_10:00:00"),
            ("2020-01-02T10:00:00.5Z", "-", "x text", "2020-01-02T10:00:00.5Z -"),
            ("", "12", "x bigint", "~ 12"), ("", "ab", "x text", "~ ab"), ("", "", "x text", "~ ~"),
        ], [false, true])
    func pairs(pair: (String, String, String, String), isReversed: Bool) async throws {
        let texts = ["id,x\na,\(pair.0)\n", "id,x\nb,\(pair.1)\n"]
        try await Rig.with { rig in
            for text in isReversed ? texts.reversed() : texts {
                _ = try await rig.load(try await rig.transform(text, of: Self.pipeline))
            }
            #expect(try await rig.days() == ["id text", pair.2])
            let values = try await rig.days("replace(x::text, ' ', '_')")
            #expect(values.joined(separator: " ") == pair.3)
        }
    }

    @Test("takes batches that were staged before another one changed it")
    func interleaved() async throws {
        try await Rig.with { rig in
            let batches = [
                try await rig.transform("id,x,y\na,5,1.10\n", of: Self.pipeline),
                try await rig.transform("id,x,z\nb,007,\n", of: Self.pipeline),
                try await rig.transform("id\nc\n", of: Self.pipeline),
                try await rig.transform("id,z,y\nd,true,2020-01-01\n", of: Self.pipeline),
            ]
            for facts in batches { _ = try await rig.transformed(facts) }
            for facts in batches { _ = try await rig.approved(facts) }
            // Again, as after a crash between the commit and the acknowledgement.
            for facts in batches { _ = try await rig.approved(facts) }
            for facts in batches { _ = try await rig.transformed(facts) }
            #expect(try await rig.days() == ["id text", "x text", "y text", "z boolean"])
            #expect(
                try await rig.days("concat_ws(' ', x, y, z::text)") == [
                    "5 1.10", "007", "", "2020-01-01 true",
                ])
            #expect(try await rig.values("select count(*) from millrace.ledger") == ["4"])
        }
    }

    @Test("is changed once by loaders that come at the same moment")
    func concurrent() async throws {
        try await Rig.with { rig in
            var batches: [BatchFacts] = []
            for index in 0..<8 {
                let value = index % 2 == 0 ? "\(index)" : "0\(index)"
                batches.append(
                    try await rig.transform(
                        "id,x,c\(index % 4)\n\(index),\(value),\(index)\n", of: Self.pipeline))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for facts in batches {
                    let loader = try rig.loader()
                    group.addTask { _ = try await loader.load(facts) }
                }
                try await group.waitForAll()
            }
            #expect(
                try await rig.days() == [
                    "c0 bigint", "c1 bigint", "c2 bigint", "c3 bigint", "id text", "x text",
                ])
            #expect(try await rig.days("x") == ["0", "01", "2", "03", "4", "05", "6", "07"])
            #expect(
                try await rig.values(
                    """
                    select count(*) = max(version) and min(version) = 1
                    from millrace.schema_versions
                    """) == ["t"])
        }
    }

    @Test("gives a declared column a wider type, in any order", arguments: 0..<6)
    func changedTypes(order: Int) async throws {
        let pipeline = Pipeline.days(
            Contract(changedTypes: .evolve), columns: [.of("id", .text), .of("x", .integer)])
        let texts = ["id,x\na,007\n", "id,x\nb,1.50\nc,2\n", "id,x\nd,n/a\ne,3.0\n"]
        try await Rig.with { rig in
            for index in permutations(3)[order] {
                _ = try await rig.load(try await rig.transform(texts[index], of: pipeline))
            }
            #expect(try await rig.days() == ["id text", "x text"])
            #expect(try await rig.days("x") == ["7", "1.5", "2", "n/a", "3"])
        }
    }

    @Test("says which view stands in the way of a wider type, and goes on without it")
    func views() async throws {
        let pipeline = Pipeline.days(Contract(newColumns: .evolve))
        try await Rig.with { rig in
            _ = try await rig.load(try await rig.transform("id,x\na,1\n", of: pipeline))
            try await rig.pool.with {
                try await $0.execute("create view shop.seen as select x from shop.days")
            }
            let facts = try await rig.transform("id,x\nb,07\n", of: pipeline)
            let error = await #expect(throws: HandlingError.self) {
                _ = try await rig.load(facts)
            }
            #expect(error?.errorClass == "warehouse.view_in_the_way")
            #expect(error?.description.contains("view") == true, "\(String(describing: error))")
            try await rig.pool.with { try await $0.execute("drop view shop.seen") }
            _ = try await rig.load(facts)
            #expect(try await rig.days("x") == ["1", "07"])
        }
    }

    @Test("takes all of its columns from the data where none is declared")
    func inferred() async throws {
        let pipeline = Pipeline.days(Contract(newColumns: .evolve), columns: [], key: [])
        try await Rig.with { rig in
            let empty = try await rig.transform([("a.jsonl", Data("{}\n".utf8))], of: pipeline)
            #expect(empty.objects[0].refusal?.contains("no fields") == true)
            _ = try await rig.load(try await rig.transform("\n", of: pipeline))
            #expect(try await rig.days().isEmpty)
            for text in ["id,price\na,1.50\n", "id,day\nb,2020-01-02\n"] {
                _ = try await rig.load(try await rig.transform(text, of: pipeline))
            }
            #expect(try await rig.days() == ["day date", "id text", "price numeric"])
            #expect(try await rig.days("concat_ws(' ', price, day)") == ["1.50", "2020-01-02"])
        }
    }

    @Test("is as it was where the contract freezes it")
    func frozen() async throws {
        let pipeline = Pipeline.days(Contract())
        try await Rig.with { rig in
            _ = try await rig.load(try await rig.transform("id\n1\n", of: pipeline))
            let facts = try await rig.transform("id,colour,size\n2,red,1\n", of: pipeline)
            #expect(facts.objects[0].refusalReason == "unknown_column")
            _ = try await rig.load(facts)
            #expect(try await rig.days() == ["id text"])
            #expect(
                try await rig.values("select message from millrace.rejects").first??
                    .contains("`colour`, `size`") == true)
        }
    }
}

/// The orders of the first numbers.
func permutations(_ count: Int) -> [[Int]] {
    if count == 0 { return [[]] }
    return permutations(count - 1).flatMap { rest in
        (0...rest.count).map { place in
            var order = rest
            order.insert(count - 1, at: place)
            return order
        }
    }
}
