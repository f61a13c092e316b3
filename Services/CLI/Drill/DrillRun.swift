import Foundation
import Postgres
import Stack

/// One drill on a stack that runs: load, faults, the wait for everything to settle, the comparison.
struct DrillRun: Sendable {
    private let plan: DrillPlan
    private let console: Console
    private let context: StackContext
    private let warehouse: PostgresPool
    private let undo: DrillUndo
    private let journal: DrillJournal

    init(
        _ plan: DrillPlan, _ undo: DrillUndo, _ journal: DrillJournal, _ console: Console
    ) throws {
        self.plan = plan
        self.undo = undo
        self.journal = journal
        self.console = console
        context = try StackContext(plan.arguments)
        warehouse = try context.warehouse(size: 4)
    }

    /// - Returns: The receipt; the drill's data are still there.
    func run() async throws -> DrillReceipt {
        let services = DrillServices(folder: plan.folder)
        try await services.allReady()
        let pipeline = try await DrillPipeline.apply(plan.pipeline, context)
        let scene = DrillScene(
            context: context, pipeline: pipeline, services: services, undo: undo,
            journal: journal)
        let attack = DrillAttack(plan: plan, scene: scene)
        let progress = DrillProgress(warehouse, plan.pipeline)
        let load = try DrillLoad(
            pipeline, context, seed: plan.seed, pace(attack), arrived: { progress.arrived })
        let broker = DrillBroker(context: context)
        var receipt = DrillReceipt(plan: plan)
        receipt.before = try services.usage()
        let deadBefore = try await broker.dead(of: plan.pipeline, warehouse)
        let redeliveredBefore = try await broker.redelivered()
        let delays =
            attack.mostDelays == nil ? nil : try await DrillDelays.listening(to: broker)
        try await storm(attack, load, progress)
        receipt.recoveredSeconds = try await recover(load, progress, pipeline)
        receipt.left = try await broker.drained(within: .seconds(300)) {
            try await delays?.count()
        }
        if let delays { try await note(delays, attack, in: &receipt) }
        // The broker counts from its own start.
        let redelivered = try await broker.redelivered()
        journal.count(
            "redelivered",
            redelivered >= redeliveredBefore ? redelivered - redeliveredBefore : redelivered)
        receipt.deadLetters = try await max(
            0, broker.dead(of: plan.pipeline, warehouse) - deadBefore)
        receipt.found = try await DrillComparison(
            content: load.content, pipeline: pipeline, warehouse: warehouse
        ).run()
        try await services.allReady()
        receipt.after = try services.usage()
        await fill(&receipt, load)
        return receipt
    }

    private func note(
        _ delays: DrillDelays, _ attack: DrillAttack, in receipt: inout DrillReceipt
    ) async throws {
        let (events, most) = await delays.result
        journal.count("events put off", events)
        if let limit = attack.mostDelays, most > limit { receipt.excessDelays = most }
        try await delays.end()
    }

    private func pace(_ attack: DrillAttack) -> DrillLoad.Pace {
        // A storm needs large files to get millions of records through; elsewhere more events
        // are worth more.
        let isStorm = plan.name == DrillPlan.storm
        return DrillLoad.Pace(
            rows: plan.rows ?? (isStorm ? nil : 100_000), duration: attack.duration,
            fileRows: isStorm ? .max : 5_000)
    }

    /// Load and faults at the same time; returns when the last fault is over.
    private func storm(
        _ attack: DrillAttack, _ load: DrillLoad, _ progress: DrillProgress
    ) async throws {
        enum Part { case load, attack, other }
        try await withThrowingTaskGroup(of: Part.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await load.run()
                return .load
            }
            group.addTask {
                await progress.follow()
                return .other
            }
            group.addTask {
                await show(load, progress)
                return .other
            }
            group.addTask {
                try await waitForFirst(progress)
                try await attack.run()
                await load.stop()
                return .attack
            }
            var open: Set<Part> = [.load, .attack]
            while !open.isEmpty, let part = try await group.next() { open.remove(part) }
        }
    }

    /// The faults begin when the load flows from end to end.
    private func waitForFirst(_ progress: DrillProgress) async throws {
        let deadline = ContinuousClock.now + .seconds(120)
        while progress.arrived == 0 {
            guard .now < deadline else {
                throw CommandError(
                    "nothing of the load came through within two minutes, before any fault",
                    try: "millrace status\(plan.dataFlag)")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    /// - Returns: Seconds since the last fault was over; nil when it never came in.
    private func recover(
        _ load: DrillLoad, _ progress: DrillProgress, _ pipeline: DrillPipeline
    ) async throws -> Double? {
        let last = try await load.sendLast()
        console.progress("waiting until everything is in")
        defer { console.endProgress() }
        let isIn = try await progress.wait(
            for: load.content.total, and: last, in: pipeline.sql(.clicks), limit: .seconds(600))
        return isIn ? journal.endedAt.duration(to: .now) / .seconds(1) : nil
    }

    private func fill(_ receipt: inout DrillReceipt, _ load: DrillLoad) async {
        receipt.sent = await load.content.total
        receipt.seconds = Date().timeIntervalSince(journal.startedAt)
        receipt.proofs = journal.proofs
        for entry in journal.entries { receipt.faults[entry.fault, default: 0] += 1 }
    }

    private func show(_ load: DrillLoad, _ progress: DrillProgress) async {
        while !Task.isCancelled {
            let sent = await load.content.total
            let seconds = TimeText.seconds(Date().timeIntervalSince(journal.startedAt))
            console.progress(
                "\(plan.name)  \(seconds)  \(TimeText.count(journal.entries.count, "fault"))  "
                    + "sent \(TimeText.grouped(sent))  in \(TimeText.grouped(progress.arrived))")
            do { try await Task.sleep(for: .milliseconds(250)) } catch { break }
        }
        console.endProgress()
    }
}
