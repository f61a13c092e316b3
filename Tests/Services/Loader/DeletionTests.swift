import Events
import Kit
import Pipelines
import Testing
import Warehouse

@Suite(
    "A row that deletes", .enabled(if: Rig.isReady, "\(Rig.missing)"), .timeLimit(.minutes(5)))
struct DeletionTests {
    private static let pipeline = Pipeline.shop(
        load: Load(
            mode: .merge, key: ["id"], newestBy: "updated", deleteWhen: "text = 'gone' -- really"))

    @Test("and those that do not give the same table in any order and any batches")
    func anyOrder() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = Seeded(seed)
        let versions = (0..<60).shuffled(using: &random)
        let objects = SampleObject.landed(
            (0..<10).map { object in
                (0..<6).shuffled(using: &random).prefix(4).enumerated().map { index, id in
                    let isGone = Int.random(in: 0..<3, using: &random) == 0
                    return SampleRow(
                        id: id, text: isGone ? "gone" : "o\(object)",
                        updated: versions[object * 4 + index])
                }
            })
        let newest = Dictionary(grouping: objects.flatMap(\.rows), by: \.id)
            .compactMap { $0.value.max { $0.updated < $1.updated } }
        let expected = newest.filter { $0.text != "gone" }.sorted { $0.id < $1.id }.map(\.shown)
        for _ in 0..<6 {
            let order = objects.shuffled(using: &random)
            let dice = Seeded(random.next())
            try await Rig.with { rig in
                var dice = dice
                let loads = SampleLoads(rig: rig, pipeline: Self.pipeline)
                let counts = try await loads.load(order, using: &dice)
                #expect(counts.read == 40)
                #expect(try await rig.reviews() == expected)
            }
        }
    }

    @Test("counts as published when it took effect, and keeps older rows away")
    func counts() async throws {
        try await Rig.with { rig in
            func load(_ rows: String...) async throws -> Counts {
                try await rig.load(
                    try await rig.batch([Contents(rows: rows)], of: Self.pipeline)
                ).counts
            }
            #expect(try await load("(1, 'a', 5)", "(2, 'b', 5)").published == 2)
            // Older than the row; of a key that is not there; of the same instant as the row.
            let mixed = try await load("(1, 'gone', 4)", "(3, 'gone', 5)", "(2, 'gone', 5)")
            #expect(mixed == Counts(read: 3, published: 2, superseded: 1))
            #expect(try await rig.reviews() == ["1 a 5"])
            // Older than the deletion, as old, newer.
            let back = try await load("(2, 'old', 4)", "(3, 'same', 5)", "(4, 'new', 1)")
            #expect(back == Counts(read: 3, published: 1, superseded: 2))
            #expect(try await load("(2, 'back', 6)").published == 1)
            #expect(try await rig.reviews() == ["1 a 5", "2 back 6", "4 new 1"])
            #expect(
                try await rig.values("select id from shop._deleted_reviews order by id") == ["3"])
        }
    }

    @Test("may begin to in a table that is there")
    func later() async throws {
        try await Rig.with { rig in
            let plain = Pipeline.shop()
            _ = try await rig.load(
                try await rig.batch([Contents(rows: ["(1, 'a', 1)"])], of: plain))
            _ = try await rig.load(
                try await rig.batch([Contents(rows: ["(1, 'gone', 2)"])], of: Self.pipeline))
            #expect(try await rig.reviews().isEmpty)
        }
    }
}
