import Events
import Foundation
import Kit
import Pipelines
import Postgres
import Testing
import Warehouse

@testable import loader

@Suite(
    "A replay in the warehouse", .enabled(if: Rig.isReady, "\(Rig.missing)"),
    .timeLimit(.minutes(5)))
struct ReplayTests {
    @Test("replaces what the objects gave: rows, ledger, rejects and counts")
    func replaces() async throws {
        try await Rig.with { rig in
            let object = Contents(
                rows: ["(1, 'wrong', 1)", "(2, 'gone', 1)"],
                rejects: ["(4, 'id', 'bad_value', 'm', 'r')"])
            let first = try await rig.batch([object, Contents(rows: ["(3, 'c', 1)"])])
            _ = try await rig.load(first)
            var again = object
            again.rows = ["(1, 'right', 1)", "(4, 'd', 1)"]
            again.rejects = []
            again.counts = Counts(filtered: 1)
            let replay = try await rig.replay(
                first, [again, Contents(first.objects[1], "(3, 'c', 1)")])
            let published = try await rig.load(replay)
            #expect(published.counts == Counts(read: 4, published: 3, filtered: 1))
            #expect(try await rig.reviews() == ["1 right 1", "3 c 1", "4 d 1"])
            #expect(try await Rejects(rig.pool).list().isEmpty)

            let entries = try await Ledger(rig.pool).entries(of: first.batch)
            #expect(entries.count == 2 && entries.allSatisfy { $0.replacedBy == replay.batch })
            let current = try await Ledger(rig.pool).entries(of: replay.batch)
            #expect(current.count == 2 && current.allSatisfy { $0.replacedBy == nil })
            let sources = try await rig.values("select distinct _source_id from shop.reviews")
            #expect(Set(sources) == Set(current.map { "\($0.sourceID)" }))
            let run = try await Runs(rig.pool).run(of: replay.batch)
            #expect(run?.replayOf == first.batch)
            #expect(try await Runs(rig.pool).replay(of: first.batch)?.batch == replay.batch)
        }
    }

    @Test("changes nothing when its events, or those of the first run, come again")
    func redelivery() async throws {
        try await Rig.with { rig in
            let object = Contents(rows: ["(1, 'a', 1)", "(1, 'a', 1)"])
            let pipeline = Pipeline.shop(mode: .append)
            let first = try await rig.batch([object], of: pipeline)
            _ = try await rig.load(first)
            let replay = try await rig.replay(
                first, [Contents(first.objects[0], "(1, 'b', 1)")], of: pipeline)
            for _ in 0..<3 {
                let published = try await rig.load(replay)
                #expect(published.counts == Counts(read: 1, published: 1))
                _ = try rig.published(try await rig.approved(replay))
                _ = try rig.published(try await rig.transformed(first))
                _ = try rig.published(try await rig.approved(first))
            }
            #expect(try await rig.reviews() == ["1 b 1"])
            #expect(try await rig.values("select count(*) from millrace.replaced") == ["1"])
        }
    }

    @Test("does not win against rows that were newer", arguments: ["updated", nil])
    func stayingLost(newestBy: String?) async throws {
        try await Rig.with { rig in
            var pipeline = Pipeline.shop()
            for index in pipeline.datasets.indices {
                pipeline.datasets[index].load.newestBy = newestBy
            }
            let first = try await rig.batch(
                [Contents(rows: ["(1, 'old', 1)", "(2, 'mine', 1)"])], of: pipeline)
            _ = try await rig.load(first)
            let later = try await rig.batch([Contents(rows: ["(1, 'new', 2)"])], of: pipeline)
            _ = try await rig.load(later)
            let replay = try await rig.replay(
                first, [Contents(first.objects[0], "(1, 'fixed', 1)", "(2, 'fixed', 1)")],
                of: pipeline)
            let counts = try await rig.load(replay).counts
            #expect(counts == Counts(read: 2, published: 1, superseded: 1))
            #expect(try await rig.reviews() == ["1 new 2", "2 fixed 1"])
            // The later one, run again, still counts as the later one.
            let second = try await rig.replay(
                later, [Contents(later.objects[0], "(1, 'newest', 2)", "(2, 'taken', 2)")],
                of: pipeline)
            #expect(try await rig.load(second).counts.published == 2)
            #expect(try await rig.reviews() == ["1 newest 2", "2 taken 2"])
        }
    }

    @Test("leaves objects alone that another replay has replaced in the meantime")
    func twoReplays() async throws {
        try await Rig.with { rig in
            let first = try await rig.batch([Contents(rows: ["(1, 'a', 1)"])])
            _ = try await rig.load(first)
            let one = try await rig.replay(first, [Contents(first.objects[0], "(1, 'one', 1)")])
            let two = try await rig.replay(first, [Contents(first.objects[0], "(1, 'two', 1)")])
            _ = try await rig.load(one)
            #expect(try await rig.load(two).counts == Counts())
            #expect(try await rig.reviews() == ["1 one 1"])
            // A replay of the replay knows what it replaces.
            let three = try await rig.replay(one, [Contents(first.objects[0], "(1, 'three', 1)")])
            #expect(three.replay?.origin == first.batch)
            #expect(try await rig.load(three).counts.published == 1)
            #expect(try await rig.reviews() == ["1 three 1"])
            #expect(try await rig.values("select count(*) from millrace.replaced") == ["2"])
        }
    }

    @Test("that is refused leaves all as it was; the next replays what the first run gave")
    func refused() async throws {
        try await Rig.with { rig in
            let first = try await rig.batch([Contents(rows: ["(1, 'a', 1)"])])
            _ = try await rig.load(first)
            let bad = try await rig.replay(first, [Contents(first.objects[0], "(1, 'bad', 1)")])
            _ = try await rig.transformed(bad)
            _ = try await rig.refused(bad, ["no"])
            #expect(try await rig.reviews() == ["1 a 1"])
            let good = try await rig.replay(bad, [Contents(first.objects[0], "(1, 'good', 1)")])
            _ = try await rig.load(good)
            #expect(try await rig.reviews() == ["1 good 1"])
            #expect(try await rig.values("select count(*) from millrace.ledger") == ["1"])
        }
    }

    @Test("beside other batches of the dataset keeps every row once")
    func concurrency() async throws {
        try await Rig.with { rig in
            let pipeline = Pipeline.shop(mode: .append)
            let first = try await rig.batch([Contents(rows: ["(0, 'a', 1)"])], of: pipeline)
            _ = try await rig.load(first)
            var batches = [
                try await rig.replay(
                    first, [Contents(first.objects[0], "(0, 'b', 1)")], of: pipeline)
            ]
            for number in 1...4 {
                batches.append(
                    try await rig.batch([Contents(rows: ["(\(number), 'n', 1)"])], of: pipeline))
            }
            let all = batches
            try await withThrowingTaskGroup(of: Void.self) { group in
                for facts in all + all { group.addTask { _ = try await rig.load(facts) } }
                try await group.waitForAll()
            }
            #expect(
                try await rig.reviews() == ["0 b 1", "1 n 1", "2 n 1", "3 n 1", "4 n 1"])
        }
    }
}

extension Contents {
    /// Other rows of an object that was there before.
    init(_ object: BatchObject, _ rows: String...) {
        self.init(name: object.name, rows: rows)
    }
}

extension Rig {
    /// What a transformer would have written for a replay of a batch.
    func replay(
        _ earlier: BatchFacts, _ objects: [Contents], of pipeline: Pipeline = .shop()
    ) async throws -> BatchFacts {
        var facts = try await batch(objects, of: pipeline, dataset: earlier.dataset)
        facts.replay = Replay(
            of: [earlier.batch] + (earlier.replay?.chain ?? []), from: .transform)
        return facts
    }
}
