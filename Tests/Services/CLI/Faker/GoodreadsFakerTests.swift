import Events
import Foundation
import Kit
import Testing

@testable import millrace

@Suite("The GoodReads generator")
struct GoodreadsFakerTests {
    @Test("writes the same bytes for the same seed, and others for another")
    func seeded() async throws {
        let first = try await answers(seed: 7)
        #expect(try await answers(seed: 7) == first)
        let other = try await answers(seed: 8)
        for table in FakeTable.allCases {
            #expect(other.tables[table]?.sha256 != first.tables[table]?.sha256)
        }
    }

    @Test("knows the size and digest of what it wrote", arguments: FakeFormat.allCases)
    func digest(format: FakeFormat) async throws {
        try await withFolder { path in
            let folder = URL(filePath: path)
            let answers = try faker(format: format).write(to: folder)
            for table in FakeTable.allCases {
                let facts = try #require(answers.tables[table])
                let bytes = try Data(contentsOf: folder.appending(path: facts.file))
                #expect(facts.bytes == bytes.count)
                #expect(facts.sha256 == SHA256.hex(of: bytes))
            }
            let stored = try Data(contentsOf: folder.appending(path: "answers.json"))
            #expect(try JSONDecoder().decode(FakeAnswers.self, from: stored) == answers)
        }
    }

    @Test("has the same answers in both formats")
    func formats() async throws {
        let csv = try await answers(format: .csv)
        let lines = try await answers(format: .jsonl)
        #expect(csv.orphans == lines.orphans)
        for table in FakeTable.allCases {
            let (one, other) = (try #require(csv.tables[table]), try #require(lines.tables[table]))
            #expect(one.rejected == other.rejected)
            #expect((one.read, one.winners) == (other.read, other.winners))
            #expect((one.stamps, one.content) == (other.stamps, other.content))
        }
    }

    @Test("makes no rejects and no orphans when it is to be clean")
    func clean() async throws {
        let answers = try await answers(dirty: 0)
        #expect(answers.orphans.isEmpty)
        for facts in answers.tables.values {
            #expect(facts.rejected.isEmpty)
            #expect(facts.read == answers.rows)
        }
    }

    @Test("has every kind of reject that the contract knows of values")
    func reasons() async throws {
        let answers = try await answers(dirty: 0.2)
        let reviews = try #require(answers.tables[.reviews])
        #expect(Set(reviews.rejected.keys) == ["missing_value", "bad_value", "out_of_range"])
        #expect(reviews.superseded > 0)
        #expect(!answers.orphans.isEmpty)
    }

    @Test("writes JSON lines that parse, with line breaks in three of four addresses")
    func addresses() async throws {
        try await withFolder { path in
            let folder = URL(filePath: path)
            _ = try faker(dirty: 0, format: .jsonl).write(to: folder)
            let text = try String(contentsOf: folder.appending(path: "user.jsonl"), encoding: .utf8)
            let users = try text.split(separator: "\n").map {
                try JSONDecoder().decode(User.self, from: Data($0.utf8))
            }
            let broken = users.count { $0.location.contains("\n") }
            #expect((600...900).contains(broken))
            let names = Dictionary(grouping: users, by: \.user_id).mapValues { Set($0.map(\.uri)) }
            #expect(names.values.allSatisfy { $0.count == 1 })
        }
    }

    private func faker(
        seed: UInt64 = 7, dirty: Double = 0.05, format: FakeFormat = .csv
    ) throws -> GoodreadsFaker {
        let day = try #require(Moment(day: "2020-02-11"))
        return GoodreadsFaker(seed: seed, rows: 1000, dirty: dirty, day: day, format: format)
    }

    private func answers(
        seed: UInt64 = 7, dirty: Double = 0.05, format: FakeFormat = .csv
    ) async throws -> FakeAnswers {
        let faker = try faker(seed: seed, dirty: dirty, format: format)
        return try await withFolder { try faker.write(to: URL(filePath: $0)) }
    }

    private struct User: Decodable {
        var user_id: Int
        var location: String
        var uri: String
    }
}
