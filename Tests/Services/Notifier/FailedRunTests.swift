import Broker
import Events
import Kit
import Postgres
import Testing
import Warehouse

@testable import notifier

@Suite(
    "A batch that was set aside", .timeLimit(.minutes(5)),
    .enabled(
        if: TestBroker.isAvailable && TestWarehouse.isAvailable, "\(TestWarehouse.missing)"))
struct FailedRunTests {
    @Test("has a run that failed, until it goes on after all")
    func runs() async throws {
        try await ArchiveBench.with { bench in
            let facts = BatchFacts(
                pipeline: "p", revision: "r", dataset: "d", batch: ULID(), objects: [],
                processed: nil, rejects: nil, times: [:])
            let event = try Event(
                BatchStaged(facts: facts, table: "t"), id: "1", from: "/millrace/test/here")
            var message = CloudEvent.message(for: event)
            let marks = try deadMessage("1").headers.filter { $0.key.hasPrefix("millrace-") }
            message.headers.merge(marks) { $1 }
            try await bench.setAside([message], service: "quality")
            let runs = Runs(bench.pool)
            try await bench.running {
                try await eventually(within: .seconds(60)) {
                    try await runs.run(of: facts.batch)?.state == .failed
                }
            }
            let run = try #require(try await runs.run(of: facts.batch))
            #expect(run.reasons == ["quality gave up: no object 1"])
            let published = Run(facts, state: .published, counts: Counts())
            try await bench.pool.transaction { try await Runs.record(published, $0) }
            #expect(try await runs.run(of: facts.batch)?.state == .published)
        }
    }
}
