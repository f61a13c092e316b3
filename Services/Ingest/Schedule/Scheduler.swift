import Broker
import Events
import Foundation
import Lake
import Pipelines
import Service
import Telemetry

/// Says when runs of scheduled pipelines are due, as long as this host holds the lease.
///
/// An event goes out before its due time counts as said, so that a death between the two says it
/// again: with the same id, which makes it the same run.
actor Scheduler {
    private let catalog: PipelineCatalog
    private let lake: any ObjectStore
    private let lease: any Lease
    private let context: ServiceContext
    private let now: @Sendable () -> Date
    /// Trouble that was told of, by pipeline.
    private var told: [String: String] = [:]

    static let period = Duration.milliseconds(500)
    /// A run that takes longer does not hold up the next: perhaps nobody will ever end it.
    static let patience: TimeInterval = 6 * 3_600

    init(
        catalog: PipelineCatalog, lake: any ObjectStore, lease: any Lease,
        context: ServiceContext, now: @escaping @Sendable () -> Date = { Date() }
    ) {
        self.catalog = catalog
        self.lake = lake
        self.lease = lease
        self.context = context
        self.now = now
    }

    /// What one ingest of all hosts has; nil without a broker, which gives it.
    static func lease(_ context: ServiceContext) -> BrokerLease? {
        context.broker.map {
            BrokerLease(
                $0, name: "millrace-ingest lease", log: context.log, metrics: context.metrics)
        }
    }

    /// The work of a process that stands in line for the lease.
    static func background(
        _ catalog: PipelineCatalog, _ lake: any ObjectStore, _ lease: BrokerLease?,
        _ context: ServiceContext
    ) -> [@Sendable () async throws -> Void] {
        guard let lease else { return [] }
        let scheduler = Scheduler(catalog: catalog, lake: lake, lease: lease, context: context)
        return [lease.run, scheduler.run]
    }

    /// Looks at the clock until it is cancelled.
    func run() async throws {
        try await context.repeating("schedule", every: Self.period) { try await self.look() }
    }

    /// Says what is due now. A pipeline that is in trouble does not keep the others waiting.
    func look() async throws {
        let scheduled = try await scheduled()
        guard !scheduled.isEmpty, await lease.isHeld() else { return }
        for (revision, pipeline, trigger) in scheduled {
            do {
                try await look(at: pipeline, revision, trigger)
                told[pipeline.name] = nil
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                tell(pipeline.name, "\(error)")
            }
        }
    }

    private func scheduled() async throws -> [(String, Pipeline, Trigger)] {
        var found: [(String, Pipeline, Trigger)] = []
        for name in try await catalog.names() {
            guard let (revision, pipeline) = try await catalog.current(name),
                let trigger = pipeline.trigger
            else { continue }
            found.append((revision, pipeline, trigger))
        }
        return found
    }

    private func look(
        at pipeline: Pipeline, _ revision: String, _ trigger: Trigger
    ) async throws {
        guard var memory = try await memory(of: pipeline.name), memory.trigger == trigger else {
            // What was due before the schedule was there is owed to nobody.
            return try await keep(ScheduleMemory(trigger: trigger, last: now()), pipeline.name)
        }
        if trigger.next(after: memory.last) == nil {
            tell(pipeline.name, "its schedule has no next time on this host")
        }
        let before = memory
        let dues = memory.take(now: now())
        for due in dues {
            let runs = runs(due, pipeline, revision)
            if !trigger.overlap, try await isInFlight(pipeline.name, beside: runs) { return }
            // Whoever stood still since the first look has perhaps lost it.
            guard await lease.isHeld() else { return }
            try await say(runs, due)
        }
        if memory != before { try await keep(memory, pipeline.name) }
    }

    private func runs(
        _ due: ScheduleMemory.Due, _ pipeline: Pipeline, _ revision: String
    ) -> [RunDue] {
        pipeline.datasets.map { dataset in
            RunDue(
                pipeline: pipeline.name, dataset: dataset.name, revision: revision,
                due: due.time, firedAt: now(), cause: due.cause)
        }
    }

    private func say(_ runs: [RunDue], _ due: ScheduleMemory.Due) async throws {
        let pipeline = runs.first?.pipeline ?? ""
        let marks = RunMarks(lake: lake)
        for run in runs { try await marks.begin(run.pipeline, run.batch(0)) }
        try await context.publisher.publish(
            runs.map { try Event($0, id: $0.eventID, from: context.source) })
        context.metrics.add(
            to: "millrace_runs_due_total",
            ["pipeline": pipeline, "cause": due.cause.rawValue],
            help: "Due times of schedules that were said.")
        context.log.info(
            "run due",
            [
                "pipeline": pipeline, "due": EventJSON.text(of: due.time),
                "cause": due.cause.rawValue,
            ])
    }

    /// True while a run is on its way that is not the one to be said: that one may have been said
    /// by somebody who died over it, or not.
    private func isInFlight(_ pipeline: String, beside runs: [RunDue]) async throws -> Bool {
        let oldest = now().addingTimeInterval(-Self.patience)
        let own = Set(runs.map { $0.batch(0).description })
        return try await RunMarks(lake: lake).inFlight(pipeline).contains {
            $0.modifiedAt > oldest && !own.contains(String($0.key.suffix(26)))
        }
    }

    private func memory(of pipeline: String) async throws -> ScheduleMemory? {
        do {
            let bytes = try await lake.get(
                LakeKeys.scheduleMemory(pipeline), limitBytes: 1 << 16)
            return try EventJSON.decode(ScheduleMemory.self, from: bytes)
        } catch let error as LakeError where error.kind == .notFound {
            return nil
        }
    }

    private func keep(_ memory: ScheduleMemory, _ pipeline: String) async throws {
        try await lake.put(EventJSON.encode(memory), at: LakeKeys.scheduleMemory(pipeline))
    }

    private func tell(_ pipeline: String, _ trouble: String) {
        guard told.updateValue(trouble, forKey: pipeline) != trouble else { return }
        context.log.error("no run can be said", ["pipeline": pipeline, "error": trouble])
    }
}
