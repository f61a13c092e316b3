import Events
import Foundation
import Kit
import Pipelines
import Postgres
import Testing
import Warehouse

@testable import loader

@Suite(
    "A table that is replaced", .enabled(if: Rig.isReady, "\(Rig.missing)"),
    .timeLimit(.minutes(5)))
struct ReplaceTests {
    private static let keyless = Load(mode: .replace, key: [], newestBy: nil)
    private static let keyed = Load(mode: .replace, key: ["id"], newestBy: nil)

    @Test(
        "holds the rows of the extract that landed last, in any order and any batches",
        arguments: [keyless, keyed])
    func anyOrder(load: Load) async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = Seeded(seed)
        let extracts = SampleObject.landed(
            (0..<5).map { extract in
                (0..<8).filter { _ in Int.random(in: 0..<3, using: &random) > 0 || extract == 0 }
                    .map { SampleRow(id: $0, text: "e\($0 % (extract + 1))", updated: extract) }
            } + [[SampleRow(id: 3, text: "last", updated: 9)]])
        let last = extracts.last?.rows.map(\.shown) ?? []
        for _ in 0..<6 {
            let order = extracts.shuffled(using: &random)
            let dice = Seeded(random.next())
            try await Rig.with { rig in
                var dice = dice
                let loads = SampleLoads(rig: rig, pipeline: .shop(load: load))
                let counts = try await loads.load(order, using: &dice)
                #expect(counts.read == extracts.reduce(0) { $0 + $1.rows.count })
                #expect(try await rig.reviews() == last)
            }
        }
    }

    @Test("is not replaced by an extract that is much smaller than the last, however it is staged")
    func shrinking() async throws {
        try await Rig.with { rig in
            var load = Self.keyless
            load.maxShrink = 50
            let pipeline = Pipeline.shop(load: load)
            let extracts = SampleObject.landed(
                [4, 3, 1, 4].map { count in
                    (0..<count).map { SampleRow(id: $0, text: "\(count)", updated: 1) }
                })
            let loads = SampleLoads(rig: rig, pipeline: pipeline)
            for extract in extracts.prefix(2) {
                _ = try await rig.load(try await loads.facts([extract]))
            }
            let events = try await rig.transformed(try await loads.facts([extracts[2]]))
            #expect(events.map(\.kind) == [.batchRefused, .alertRaised])
            let refused = try #require(try events.first?.payload(BatchRefused.self))
            #expect(
                refused.reasons.first?.hasPrefix(
                    "reviews.csv has 1 row, the extract before it had 3, and max_shrink is 50%")
                    == true, "\(refused.reasons)")
            #expect(try await rig.reviews() == ["0 3 1", "1 3 1", "2 3 1"])
            _ = try await rig.load(try await loads.facts([extracts[3]]))
            // One that landed before changes nothing, however small it is.
            let late = try await rig.load(try await loads.facts([extracts[2]]))
            #expect(late.counts == Counts(read: 1, superseded: 1))
            #expect(try await rig.reviews().count == 4)
        }
    }

    @Test("leaves rows alone that the new extract has as they are")
    func unchanged() async throws {
        try await Rig.with { rig in
            let pipeline = Pipeline.shop(load: Self.keyed)
            let first = ["(1, 'a', 1)", "(2, NULL, 1)", "(3, 'c', 1)"]
            _ = try await rig.load(try await rig.batch([Contents(rows: first)], of: pipeline))
            let versions = "select concat_ws(' ', id, xmin) from shop.reviews order by id"
            let before = try await rig.values(versions)
            let second = ["(1, 'a', 1)", "(2, NULL, 1)", "(4, 'd', 1)"]
            let published = try await rig.load(
                try await rig.batch([Contents(rows: second)], of: pipeline))
            #expect(published.counts == Counts(read: 3, published: 3))
            #expect(try await rig.values(versions).prefix(2) == before.prefix(2))
            #expect(try await rig.reviews() == ["1 a 1", "2 ~ 1", "4 d 1"])
        }
    }

    @Test("is never seen empty or half by readers", arguments: [keyless, keyed])
    func readers(load: Load) async throws {
        try await Rig.with { rig in
            let pipeline = Pipeline.shop(load: load)
            func extract(_ number: Int) async throws {
                let rows = (0..<2_000).map { "(\($0), 'e\(number)', \(number))" }
                _ = try await rig.load(try await rig.batch([Contents(rows: rows)], of: pipeline))
            }
            try await extract(0)
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    for number in 1...4 { try await extract(number) }
                    return true
                }
                while !group.isEmpty {
                    let seen = try await rig.values(
                        "select concat_ws(' ', count(*), count(distinct text)) from shop.reviews")
                    #expect(seen == ["2000 1"])
                    if try await rig.values("select max(text) from shop.reviews") == ["e4"] {
                        _ = try await group.next()
                    }
                }
            }
        }
    }

    @Test("is not emptied by an extract without rows: the batch is refused, and says so again")
    func empty() async throws {
        try await Rig.with { rig in
            let pipeline = Pipeline.shop(load: Self.keyless)
            _ = try await rig.load(
                try await rig.batch([Contents(rows: ["(1, 'a', 1)"])], of: pipeline))
            for contents in [
                Contents(rows: []),
                Contents(rows: [], rejects: ["(2, 'id', 'bad_value', 'm', 'r')"]),
            ] {
                let facts = try await rig.batch([contents], of: pipeline)
                let events = try await rig.transformed(facts)
                #expect(events.map(\.kind) == [.batchRefused, .alertRaised])
                #expect(try await rig.transformed(facts).map(\.id) == events.map(\.id))
                let run = try #require(try await Runs(rig.pool).run(of: facts.batch))
                #expect(run.state == .refused)
                #expect(run.reasons.first?.contains("never_empty: false") == true)
            }
            #expect(try await rig.reviews() == ["1 a 1"])
            #expect(try await Rejects(rig.pool).list().count == 1)
            // Beside an extract with rows the empty one changes nothing, and nothing is refused.
            let both = [Contents(rows: ["(2, 'b', 1)"]), Contents(rows: [])]
            _ = try await rig.load(try await rig.batch(both, of: pipeline))
            #expect(try await rig.reviews() == ["2 b 1"])
        }
    }

    @Test("is emptied where the pipeline says so, but not by a file that cannot be read")
    func allowed() async throws {
        try await Rig.with { rig in
            let load = Load(mode: .replace, key: [], newestBy: nil, neverEmpty: false)
            let pipeline = Pipeline.shop(load: load)
            let first = try await rig.batch([Contents(rows: ["(1, 'a', 1)"])], of: pipeline)
            _ = try await rig.load(first)
            var broken = try await rig.batch(
                [Contents(rows: [], rejects: ["(NULL, NULL, 'unreadable', 'm', NULL)"])],
                of: pipeline)
            broken.objects[0].refusal = "it is not a CSV"
            #expect(try await rig.transformed(broken).first?.kind == .batchRefused)
            #expect(try await rig.reviews() == ["1 a 1"])
            let none = try await rig.batch([Contents(rows: [])], of: pipeline)
            #expect(try await rig.load(none).counts == Counts())
            #expect(try await rig.reviews().isEmpty)
            // An older extract that arrives late does not bring its rows back.
            let late = [
                Contents(name: "01K00000000000000000000001-reviews.csv", rows: ["(7, 'x', 1)"])
            ]
            let counts = try await rig.load(try await rig.batch(late, of: pipeline)).counts
            #expect(counts == Counts(read: 1, superseded: 1))
            #expect(try await rig.reviews().isEmpty)
        }
    }

    @Test("does not keep an old row in place of one that the warehouse refuses")
    func refusedRow() async throws {
        try await Rig.with { rig in
            let pipeline = Pipeline.shop(load: Self.keyed)
            let first = ["(1, 'a', 1)", "(2, 'b', 1)"]
            _ = try await rig.load(try await rig.batch([Contents(rows: first)], of: pipeline))
            _ = try await rig.pool.query(
                "alter table shop.reviews add constraint short check (length(text) < 3)")
            let second = ["(1, 'long', 2)", "(2, 'b', 1)"]
            let published = try await rig.load(
                try await rig.batch([Contents(rows: second)], of: pipeline))
            #expect(published.counts == Counts(read: 2, published: 1, rejected: 1))
            #expect(try await rig.reviews() == ["2 b 1"])
            let third = try await rig.batch([Contents(rows: ["(1, 'long', 3)"])], of: pipeline)
            let staged = try await rig.transformed(third)
            let facts = try #require(staged.first).payload(BatchStaged.self).facts
            #expect(try await rig.approved(facts).first?.kind == .batchRefused)
            #expect(try await rig.reviews() == ["2 b 1"])
        }
    }
}
