import Events
import Kit
import Pipelines
import Postgres
import Testing
import Warehouse

@testable import loader

@Suite(
    "An answer of the loader", .enabled(if: Rig.isReady, "\(Rig.missing)"),
    .timeLimit(.minutes(5)))
struct OutcomeTests {
    @Test("is right when the connection breaks at the commit", arguments: ["staged", "published"])
    func lostCommit(step: String) async throws {
        try await Rig.with { rig in
            try await rig.loading.gate.pass()
            try await withRelay(to: rig.address) { address, relay in
                let loader = try rig.loader(at: address)
                try await loader.loading.gate.pass()
                let facts = try await rig.batch([Contents(rows: ["(1, 'a', 1)", "(2, 'b', 1)"])])
                // Makes the table, so that the next commit is that of the staging.
                _ = try await rig.load(try await rig.batch([Contents(rows: ["(9, 'z', 1)"])]))
                if step == "published" { _ = try await loader.transformed(facts) }
                relay.loseAnswer(to: "commit")
                let event = try #require(
                    step == "staged"
                        ? try await loader.transformed(facts).first
                        : try await loader.approved(facts).first)
                #expect(!relay.isArmed && event.id == "\(facts.batch).\(step)")
                #expect(try await rig.load(facts).counts == Counts(read: 2, published: 2))
                #expect(try await rig.reviews() == ["1 a 1", "2 b 1", "9 z 1"])
            }
        }
    }

    @Test("is the same, with the same id, when it is lost and the event comes again, to anybody")
    func redelivered() async throws {
        try await Rig.with { rig in
            let other = try rig.loader(as: "another loader")
            let facts = try await rig.batch([
                Contents(rows: ["(1, 'a', '1')", "(2, 'b', 'x')"])
            ])
            let staged = try await [rig.transformed(facts), other.transformed(facts)].flatMap { $0 }
            #expect(Set(staged.map(\.id)) == ["\(facts.batch).staged"])
            #expect(Set(staged.map(\.data)).count == 1)
            let settled = try staged[0].payload(BatchStaged.self).facts
            // Both at once: one publishes, the other finds it done.
            async let first = rig.approved(settled)
            async let second = other.approved(settled)
            let published = try await first + second + rig.approved(settled)
            #expect(Set(published.map(\.id)) == ["\(facts.batch).published"])
            #expect(Set(published.map(\.data)).count == 1)
            #expect(
                try rig.published(published).counts == Counts(read: 2, published: 1, rejected: 1))
        }
    }

    @Test("holds for long after: the ledger forgets nothing")
    func old() async throws {
        try await Rig.with { rig in
            let facts = try await rig.batch([Contents(rows: ["(1, 'a', 1)"])])
            let before = try await rig.load(facts).counts
            try await rig.pool.with {
                try await $0.execute(
                    """
                    update millrace.ledger set committed_at = now() - interval '5 years';
                    update millrace.runs set updated_at = now() - interval '5 years';
                    delete from millrace.runs
                    """)
            }
            // Even without its run: every object is there, so that nothing is left to publish.
            #expect(try await rig.load(facts).counts == Counts())
            #expect(before.published == 1)
            #expect(try await rig.reviews() == ["1 a 1"])
        }
    }

    @Test("comes behind a loader that stands still in the middle of a publish")
    func frozenHolder() async throws {
        try await Rig.with { rig in
            let limits = PostgresLimits(lock: .seconds(1), idle: .seconds(2))
            let loader = try rig.loader(limits: limits)
            let facts = try await rig.batch([Contents(rows: ["(1, 'a', 1)"])])
            _ = try await loader.transformed(facts)
            try await loader.pool.with { frozen in
                try await frozen.execute("begin")
                try await Staging.lock(facts.batch, frozen)
                try await SystemSchema.lock(frozen, "publish:shop.reviews")
                #expect(
                    try loader.published(try await loader.approved(facts)).counts.published == 1)
            }
        }
    }

    @Test("about a model is right when batches and refreshes come all at once")
    func models() async throws {
        try await Rig.with { rig in
            let pipeline = Pipeline.shop(models: [
                .named(
                    "texts", reading: ["reviews"], key: ["text"],
                    sql: "select text, count(*) as n from {{reviews}} group by text"),
                .named("total", reading: ["texts"], sql: "select sum(n) as n from {{texts}}"),
            ])
            let other = try rig.loader(as: "another loader")
            var batches: [BatchFacts] = []
            for number in 0..<6 {
                let rows = (0..<20).map { "(\(number * 20 + $0), 't\($0 % 3)', 1)" }
                batches.append(try await rig.batch([Contents(rows: rows)], of: pipeline))
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for (number, facts) in batches.enumerated() {
                    group.addTask {
                        let published = try await rig.load(facts)
                        _ = try await (number.isMultiple(of: 2) ? rig : other).refresh(published)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await rig.values("select n from shop.total") == ["120"])
            #expect(try await rig.values("select sum(n) from shop.texts") == ["120"])
        }
    }
}
