import Broker
import Events
import Foundation
import Kit
import Lake
import Pipelines
import Service
import Synchronization
import Telemetry
import Testing

@testable import ingest

/// A scheduler over a lake of its own, with a clock and a lease that the test holds.
private struct Rig: Sendable {
    final class Clock: Sendable {
        let time = Mutex(Date(timeIntervalSince1970: 1_700_000_000))
        var now: Date { time.withLock { $0 } }
        func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
    }

    final class Held: Lease {
        let held = Mutex(true)
        func isHeld() async -> Bool { held.withLock { $0 } }
    }

    let lake = MemoryStore()
    let clock = Clock()
    let lease = Held()
    let publisher = RecordingPublisher()

    func scheduler(_ lease: any Lease) -> Scheduler {
        Scheduler(
            catalog: PipelineCatalog(lake: lake), lake: lake, lease: lease,
            context: ServiceContext(
                name: "ingest", host: "here", log: Log(service: "ingest") { _ in },
                metrics: Metrics(), publisher: publisher), now: { clock.now })
    }

    func apply(_ trigger: Trigger?) async throws {
        let dataset = Dataset(
            name: "books",
            source: .files(FilesSource(path: "in", patterns: ["*"], settleMilliseconds: 1)),
            format: .jsonLines, columns: [Column(name: "id", field: "id", type: .bigint)],
            transform: nil,
            load: Load(mode: .append, key: [], newestBy: nil), checks: [])
        _ = try await PipelineCatalog(lake: lake).apply(
            Pipeline(
                name: "shop", description: nil, schema: "shop", parameters: [],
                datasets: [dataset], models: [], trigger: trigger))
    }

    var said: [RunDue] {
        get throws { try publisher.events(of: .runDue).map { try $0.payload() } }
    }

    /// What the loader does in the end.
    func endRuns() async throws {
        for run in try said { try await RunMarks(lake: lake).end("shop", run.batch(0)) }
    }
}

@Suite("The scheduler")
struct SchedulerTests {
    private static let minutely = Trigger(.every(seconds: 60))

    @Test("says each due time once, and nothing that was due before there was a schedule")
    func once() async throws {
        let rig = Rig()
        try await rig.apply(Self.minutely)
        let scheduler = rig.scheduler(rig.lease)
        try await scheduler.look()
        #expect(try rig.said.isEmpty)
        for _ in 0..<3 {
            rig.clock.advance(60)
            for _ in 0..<3 { try await scheduler.look() }
            try await rig.endRuns()
        }
        let said = try rig.said
        #expect(said.count == 3 && said.allSatisfy { $0.cause == .schedule })
        #expect(Set(said.map(\.due)).count == 3)
        #expect(said.allSatisfy { $0.due <= $0.firedAt })
        let ids = rig.publisher.events(of: .runDue).map(\.id)
        #expect(ids == said.map(\.eventID) && Set(ids).count == 3)
    }

    @Test("says nothing without the lease; who has it next goes on where the other was")
    func takeover() async throws {
        let rig = Rig()
        try await rig.apply(Self.minutely)
        let (first, second) = (Rig.Held(), Rig.Held())
        second.held.withLock { $0 = false }
        let schedulers = [rig.scheduler(first), rig.scheduler(second)]
        for round in 0..<6 {
            for scheduler in schedulers { try await scheduler.look() }
            if round == 2 {
                first.held.withLock { $0 = false }
                second.held.withLock { $0 = true }
            }
            rig.clock.advance(60)
            try await rig.endRuns()
        }
        #expect(try rig.said.count == 5)
        #expect(try Set(rig.said.map(\.due)).count == 5)
    }

    @Test("says a due time again after a death in between, as the same run")
    func death() async throws {
        let rig = Rig()
        try await rig.apply(Self.minutely)
        try await rig.scheduler(rig.lease).look()
        let key = LakeKeys.scheduleMemory("shop")
        let memory = try await rig.lake.get(key, limitBytes: 1 << 16)
        rig.clock.advance(60)
        try await rig.scheduler(rig.lease).look()
        // As if it had died before it could remember.
        try await rig.lake.put(memory, at: key)
        try await rig.scheduler(rig.lease).look()
        let ids = rig.publisher.events(of: .runDue).map(\.id)
        #expect(ids.count == 2 && ids[0] == ids[1])
        #expect(try Set(rig.said.map { $0.batch(0) }).count == 1)
    }

    @Test(
        "makes up for what was missed as the pipeline wants it",
        arguments: [(Trigger.CatchUp.all, 10), (.latest, 1), (.none, 0)])
    func catchUp(way: Trigger.CatchUp, expected: Int) async throws {
        let rig = Rig()
        try await rig.apply(Trigger(.every(seconds: 3_600), catchUp: way))
        try await rig.scheduler(rig.lease).look()
        // Ten due times, the last of them some minutes ago.
        let last = rig.clock.now.timeIntervalSince1970
        rig.clock.advance((last / 3_600).rounded(.up) * 3_600 - last + 9 * 3_600 + 300)
        let scheduler = rig.scheduler(rig.lease)
        for _ in 0..<20 {
            try await scheduler.look()
            try await rig.endRuns()
        }
        let said = try rig.said
        #expect(said.count == expected && said.allSatisfy { $0.cause == .catchUp })
        #expect(said.map(\.due) == said.map(\.due).sorted())
        rig.clock.advance(3_300)
        try await scheduler.look()
        #expect(try rig.said.last?.cause == .schedule)
        #expect(try rig.said.count == expected + 1)
    }

    @Test("lets a run end before the next begins, unless they may overlap")
    func overlap() async throws {
        for overlap in [false, true] {
            let rig = Rig()
            try await rig.apply(Trigger(.every(seconds: 60), overlap: overlap))
            let scheduler = rig.scheduler(rig.lease)
            try await scheduler.look()
            for _ in 0..<5 {
                rig.clock.advance(60)
                try await scheduler.look()
            }
            #expect(try rig.said.count == (overlap ? 5 : 1))
            try await rig.endRuns()
            try await scheduler.look()
            // Of those that passed meanwhile, the last.
            #expect(try rig.said.count == (overlap ? 5 : 2))
            #expect(try rig.said.last?.due == rig.said.map(\.due).max())
        }
    }

    @Test("begins anew with another schedule, and leaves pipelines alone that have none")
    func changed() async throws {
        let rig = Rig()
        try await rig.apply(Trigger(.every(seconds: 3_600)))
        let scheduler = rig.scheduler(rig.lease)
        try await scheduler.look()
        rig.clock.advance(7_200)
        try await rig.apply(Self.minutely)
        try await scheduler.look()
        #expect(try rig.said.isEmpty)
        try await rig.apply(nil)
        rig.clock.advance(600)
        try await scheduler.look()
        #expect(try rig.said.isEmpty)
    }

    @Test("does not count a due time as said that could not be said")
    func outage() async throws {
        let rig = Rig()
        try await rig.apply(Self.minutely)
        let scheduler = rig.scheduler(rig.lease)
        try await scheduler.look()
        rig.clock.advance(60)
        rig.publisher.fail(with: BrokerError(.unreachable, during: "publish", "it is away"))
        try await scheduler.look()
        rig.publisher.fail(with: nil)
        #expect(try rig.said.isEmpty)
        try await scheduler.look()
        #expect(try rig.said.count == 1)
    }
}
