import Events
import Kit
import Postgres
import Testing
import Warehouse

@testable import loader

@Suite(
    "Several loaders in a storm", .enabled(if: Rig.isReady, "\(Rig.missing)"), .serialized,
    .timeLimit(.minutes(10)))
struct StormTests {
    @Test("publish everything once, the newest of each key, and every count balances")
    func storm() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = Seeded(seed)
        let plan = StormPlan(using: &random)
        try await Rig.with { rig in
            try await rig.loading.gate.pass()
            var batches: [BatchFacts] = []
            for members in plan.members {
                batches.append(try await rig.batch(members.map { plan.objects[$0] }))
            }
            let events = try EventBag(batches, seed)
            let loaders = try (0..<3).map { try rig.loader(as: "storm \($0)") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for loader in loaders {
                    for _ in 0..<2 { group.addTask { try await work(loader, events) } }
                }
                group.addTask { try await kill(40, while: events, rig, seed) }
                try await group.waitForAll()
            }
            try await check(plan, batches, rig)
        }
    }

    /// Takes events like a worker: one that fails in passing comes again.
    private func work(_ rig: Rig, _ events: EventBag) async throws {
        while let event = try await events.next() {
            do {
                try events.done(try await rig.loading.handle(event))
            } catch let error as any ClassifiedError where error.disposition == .transient {
                events.giveBack(event)
            }
        }
    }

    /// Ends connections of the loaders at random, in the middle of what they do.
    private func kill(
        _ count: Int, while events: EventBag, _ rig: Rig, _ seed: UInt64
    ) async throws {
        var random = Seeded(seed &+ 1)
        for _ in 0..<count where !events.isOver {
            try await Task.sleep(for: .milliseconds(Int.random(in: 20...200, using: &random)))
            _ = try await rig.pool.query(
                """
                select pg_terminate_backend(pid) from pg_stat_activity
                where datname = current_database() and application_name like 'storm%'
                    and state <> 'idle' order by random() limit 1
                """)
        }
    }

    private func check(_ plan: StormPlan, _ batches: [BatchFacts], _ rig: Rig) async throws {
        #expect(try await rig.reviews() == plan.table)
        #expect(try await rig.staged().isEmpty)
        let objects = try await rig.values("select object from millrace.ledger")
        #expect(objects.count == plan.objects.count)
        #expect(Set(objects) == Set(plan.objects.map(\.name)))
        let sources = try await rig.values(
            """
            select distinct object || ' ' || text
            from shop.reviews join millrace.ledger on source_id = _source_id
            """)
        let known = plan.objects.enumerated().map { "\($1.name) object \($0)" }
        #expect(Set(sources).isSubset(of: known))
        for facts in batches {
            let run = try #require(try await Runs(rig.pool).run(of: facts.batch))
            #expect(run.state == .published && run.counts.isBalanced)
        }
        try await checkSums(plan, rig)
    }

    private func checkSums(_ plan: StormPlan, _ rig: Rig) async throws {
        let sums = try await rig.pool.query(
            """
            select sum(read) as read, sum(published) as published, sum(rejected) as rejected,
                (select sum(read) from millrace.runs) as runs_read,
                (select sum(published) from millrace.runs) as runs_published,
                (select count(*) from millrace.rejects) as rejects,
                count(*) filter (
                    where read <> published + superseded + filtered + rejected) as unbalanced
            from millrace.ledger
            """)
        let row = try #require(sums.first)
        #expect(try row.integer("read") == plan.objects.reduce(0) { $0 + $1.rows.count })
        #expect(row["read"] == row["runs_read"] && row["published"] == row["runs_published"])
        #expect(try row.integer("rejected") == plan.bad && row["rejects"] == row["rejected"])
        #expect(row["unbalanced"] == "0")
    }
}
