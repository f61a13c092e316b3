import Events
import Kit
import Pipelines
import Postgres
import Testing
import Warehouse

@Suite(
    "A table with history", .enabled(if: Rig.isReady, "\(Rig.missing)"), .timeLimit(.minutes(5)))
struct HistoryTests {
    private static let pipeline = Pipeline.shop(
        load: Load(mode: .scd2, key: ["id"], newestBy: "updated"))

    @Test("is the same in any order and any batches")
    func anyOrder() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = Seeded(seed)
        let objects = SampleObject.landed(
            (0..<9).map { _ in
                (0..<5).map { _ in
                    SampleRow(
                        id: Int.random(in: 0..<3, using: &random),
                        text: ["a", "b"][Int.random(in: 0..<2, using: &random)],
                        updated: Int.random(in: 0..<15, using: &random))
                }
            })
        let expected = Self.history(of: objects)
        for _ in 0..<8 {
            let order = objects.shuffled(using: &random)
            let dice = Seeded(random.next())
            try await Rig.with { rig in
                var dice = dice
                let loads = SampleLoads(rig: rig, pipeline: Self.pipeline)
                let counts = try await loads.load(order, using: &dice)
                #expect(counts.read == 45)
                #expect(try await rig.history() == expected)
            }
        }
    }

    /// By the rules: of one instant the later object, then the later line; no version like the one
    /// before it.
    private static func history(of objects: [SampleObject]) -> [String] {
        var known: [Int: [Int: String]] = [:]
        for row in objects.flatMap(\.rows) { known[row.id, default: [:]][row.updated] = row.text }
        return known.sorted { $0.key < $1.key }.flatMap { id, instants in
            var versions: [(from: Int, text: String)] = []
            for (instant, text) in instants.sorted(by: { $0.key < $1.key })
            where versions.last?.text != text {
                versions.append((instant, text))
            }
            return versions.indices.map { index in
                let end = index + 1 < versions.count ? "\(versions[index + 1].from)" : "~"
                let version = versions[index]
                return "\(id) \(version.text) \(version.from) \(end) \(end == "~" ? "t" : "f")"
            }
        }
    }

    @Test("gets no version of an unchanged row, and one of it when a late version comes between")
    func unchanged() async throws {
        try await Rig.with { rig in
            func load(_ rows: String...) async throws -> Counts {
                try await rig.load(
                    try await rig.batch([Contents(rows: rows)], of: Self.pipeline)
                ).counts
            }
            let first = try await load("(1, 'a', 1)", "(1, 'a', 3)")
            #expect(first.superseded == 1)
            #expect(try await load("(1, 'a', 5)") == Counts(read: 1, superseded: 1))
            #expect(try await rig.history() == ["1 a 1 ~ t"])
            #expect(try await load("(1, 'b', 2)") == Counts(read: 1, published: 1))
            #expect(try await rig.history() == ["1 a 1 2 f", "1 b 2 3 f", "1 a 3 ~ t"])
            // Of one instant: what landed last.
            #expect(try await load("(1, 'c', 2)").published == 1)
            #expect(try await rig.history() == ["1 a 1 2 f", "1 c 2 3 f", "1 a 3 ~ t"])
        }
    }

    @Test("leaves a row out that the warehouse refuses")
    func refusedRow() async throws {
        try await Rig.with { rig in
            func load(_ rows: String...) async throws -> Counts {
                try await rig.load(
                    try await rig.batch([Contents(rows: rows)], of: Self.pipeline)
                ).counts
            }
            _ = try await load("(1, 'a', 1)")
            _ = try await rig.pool.query(
                "alter table shop.reviews add constraint short check (length(text) < 3)")
            let counts = try await load("(1, 'b', 2)", "(1, 'long', 3)", "(2, 'a', 1)")
            #expect(counts == Counts(read: 3, published: 2, rejected: 1))
            #expect(try await rig.history() == ["1 a 1 2 f", "1 b 2 ~ t", "2 a 1 ~ t"])
        }
    }
}

extension Rig {
    /// All versions with their times.
    fileprivate func history() async throws -> [String?] {
        try await values(
            """
            select concat_ws(' ', id, text, _valid_from, coalesce(_valid_to::text, '~'), _is_current)
            from shop.reviews order by id, _valid_from
            """)
    }
}
