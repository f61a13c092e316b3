import Events
import Foundation
import Kit
import Pipelines
import Postgres
import Testing
import Warehouse

@Suite(
    "A batch on its way into the warehouse", .enabled(if: Rig.isReady, "\(Rig.missing)"),
    .timeLimit(.minutes(5)))
struct PublishingTests {
    @Test("is published with its counts, its lineage and its times")
    func whole() async throws {
        try await Rig.with { rig in
            let facts = try await rig.batch([
                Contents(
                    rows: ["(1, 'a', 1)", "(2, NULL, 2)"],
                    rejects: ["(7, 'id', 'bad_value', 'id: `x` is no number', 'x,y')"],
                    counts: Counts(superseded: 3, filtered: 4)),
                Contents(rows: ["(3, '', 1)"]),
            ])
            let published = try await rig.load(facts)
            let expected = Counts(read: 11, published: 3, superseded: 3, filtered: 4, rejected: 1)
            #expect(published.counts == expected)
            #expect(try await rig.reviews() == ["1 a 1", "2 ~ 2", "3  1"])

            let run = try #require(try await Runs(rig.pool).run(of: facts.batch))
            #expect(run.state == .published && run.counts == expected)
            #expect(Set(run.times.keys) == [.arrived, .landed, .transformed, .staged, .published])
            let entries = try await Ledger(rig.pool).entries(of: facts.batch)
            #expect(entries.count == 2 && entries.allSatisfy { $0.counts.isBalanced })
            let sources = try await rig.values(
                "select name from shop.reviews join millrace.ledger on source_id = _source_id")
            #expect(sources.count == 3 && sources.allSatisfy { $0 == "reviews.csv" })
            let reject = try #require(try await Rejects(rig.pool).list().first)
            #expect(reject.object == facts.objects[0].name && reject.line == 7)
            #expect(try await rig.staged().isEmpty)
        }
    }

    @Test("keeps every awkward text as it is")
    func texts() async throws {
        let texts = [
            "", "\\N", "\"", "a,b", "line\nbreak", "cr\r\nlf", "\\.", " blanks ", "tab\t", "null",
            "x', NULL'); DROP SCHEMA Public --", "日本 \u{1F600}",
        ]
        try await Rig.with { rig in
            let rows = texts.enumerated().map { index, text in
                "(\(index), '\(text.replacingOccurrences(of: "'", with: "''"))', 1)"
            }
            _ = try await rig.load(try await rig.batch([Contents(rows: rows)]))
            #expect(try await rig.values("select text from shop.reviews order by id") == texts)
        }
    }

    @Test("changes nothing when its events come three times")
    func redelivery() async throws {
        try await Rig.with { rig in
            let facts = try await rig.batch([Contents(rows: ["(1, 'a', 1)", "(2, 'b', 1)"])])
            for _ in 0..<3 {
                let staged = try await rig.transformed(facts)
                #expect(staged.map(\.kind) == [.batchStaged])
            }
            var answers: [BatchPublished] = []
            for _ in 0..<3 {
                answers.append(try rig.published(try await rig.approved(facts)))
                answers.append(try rig.published(try await rig.transformed(facts)))
            }
            #expect(answers.allSatisfy { $0.counts == answers[0].counts })
            #expect(answers[0].counts.published == 2)
            #expect(try await rig.reviews() == ["1 a 1", "2 b 1"])
            #expect(try await rig.values("select count(*) from millrace.ledger") == ["1"])
        }
    }

    @Test("is published once when its events come twice at the same moment")
    func race() async throws {
        try await Rig.with { rig in
            for round in 0..<10 {
                let facts = try await rig.batch([Contents(rows: ["(\(round), 'a', 1)"])])
                _ = try await rig.transformed(facts)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<2 {
                        group.addTask { _ = try await rig.approved(facts) }
                        group.addTask { _ = try await rig.transformed(facts) }
                    }
                    try await group.waitForAll()
                }
            }
            #expect(try await rig.reviews().count == 10)
            #expect(try await rig.staged().isEmpty)
        }
    }

    @Test("leaves out the rows of objects that the ledger has")
    func reformed() async throws {
        try await Rig.with { rig in
            let object = Contents(
                rows: ["(1, 'a', 1)"], rejects: ["(2, NULL, 'malformed', 'm', 'r')"])
            _ = try await rig.load(try await rig.batch([object]))
            // A later version in the same object would win, were the object not known.
            var again = object
            again.rows = ["(1, 'b', 9)"]
            let facts = try await rig.batch([again, Contents(rows: ["(2, 'c', 1)"])])
            let published = try await rig.load(facts)
            #expect(published.counts == Counts(read: 1, published: 1))
            #expect(try await rig.reviews() == ["1 a 1", "2 c 1"])
            #expect(try await Rejects(rig.pool).list().count == 1)
            let run = try await Runs(rig.pool).run(of: facts.batch)
            #expect(run?.reasons.first?.contains(object.name) == true)
        }
    }

    @Test("gives the same table in any order, and beside another batch of the same dataset")
    func concurrency() async throws {
        try await Rig.with { rig in
            var batches: [BatchFacts] = []
            for version in [2, 1, 3] {
                let rows = (0..<500).map { "(\($0), 'v\(version)', \(version))" }
                batches.append(try await rig.batch([Contents(rows: rows)]))
            }
            let all = batches
            let counts = try await withThrowingTaskGroup(of: Counts.self) { group in
                for facts in all { group.addTask { try await rig.load(facts).counts } }
                return try await group.reduce(Counts(), +)
            }
            #expect(counts.isBalanced && counts.read == 1500)
            #expect(try await rig.values("select distinct text from shop.reviews") == ["v3"])
            #expect(try await rig.values("select count(*) from shop.reviews") == ["500"])
        }
    }

    @Test("without rows is published at once, with its rejects")
    func empty() async throws {
        try await Rig.with { rig in
            let facts = try await rig.batch([
                Contents(rows: [], rejects: ["(NULL, NULL, 'unreadable', 'not a CSV', NULL)"])
            ])
            let events = try await rig.transformed(facts)
            #expect(events.map(\.kind) == [.batchPublished])
            #expect(try rig.published(events).counts == Counts(read: 1, rejected: 1))
            #expect(try await Rejects(rig.pool).list(batch: facts.batch).count == 1)
            #expect(try await rig.reviews().isEmpty)
        }
    }

    @Test("adds each row where the dataset has no key")
    func append() async throws {
        try await Rig.with { rig in
            let pipeline = Pipeline.shop(mode: .append)
            for _ in 0..<2 {
                let rows = ["(1, 'a', 1)", "(1, 'a', 1)"]
                _ = try await rig.load(try await rig.batch([Contents(rows: rows)], of: pipeline))
            }
            #expect(try await rig.reviews().count == 4)
        }
    }

    @Test("widens the table by a column of a later revision")
    func wider() async throws {
        try await Rig.with { rig in
            _ = try await rig.load(try await rig.batch([Contents(rows: ["(1, 'a', 1)"])]))
            let pipeline = Pipeline.shop(columns: [Column(name: "ab", field: "ab", type: .decimal)])
            _ = try await rig.load(
                try await rig.batch([Contents(rows: ["(2, 'b', 1, 1.5)"])], of: pipeline))
            #expect(
                try await rig.values("select ab from shop.reviews order by id")
                    == [nil, "1.500000000"])
        }
    }
}

extension Rig {
    /// The staging tables that are there.
    func staged() async throws -> [String?] {
        try await values(
            "select table_name from information_schema.tables "
                + "where table_schema = 'millrace_staging'")
    }
}
