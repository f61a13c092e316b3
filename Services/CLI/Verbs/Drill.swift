import Lanes

/// Breaks a running stack on purpose, under load, and proves that nothing was lost.
struct Drill: Command {
    let name = "drill"
    let summary = "break things under load; prove that nothing is lost"
    let topic = Topic.stack
    let positionals = [Positional("NAME", isRequired: false)]
    let options: [Option] = [
        .flag("list", "the drills that there are"),
        .value("rows", "N", "records to send while the faults last, or a few more"),
        .value("seed", "N", "of the load and of a storm's faults; another one each time"),
        .value("for", "TIME", "how long the fault or the storm lasts, e.g. 30s or 10m"),
        .flag("keep", "leave the drill's tables where they are"),
    ]
    let details = """
        Sends made-up records through a pipeline of its own, causes the failure from
        outside (signals, limits, locks), waits until all is in, and compares each key
        in the warehouse with what was sent. It uses the local stack that runs, or one
        of its own. Whatever it did to the stack is undone when it ends.

        Exits with 1 when a guarantee broke, and keeps the data to look at.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        if arguments.flag("list") {
            console.records(Self.list())
            return .done
        }
        let plan = try DrillPlan(arguments)
        let stack = DrillStack(plan: plan, console: console)
        let isOwn = try !stack.isRunning()
        let journal = DrillJournal(console)
        let undo = DrillUndo()
        let outcome = await outcome {
            if isOwn { try await stack.start() }
            return try await DrillRun(plan, undo, journal, console).run()
        }
        console.endProgress()
        for step in await undo.all() { console.note("undone: \(step)") }
        let isClean = await clean(plan, outcome, console)
        if isOwn { try await stack.stop() }
        if !journal.entries.isEmpty { try journal.write(plan) }
        guard let receipt = try outcome.get() else { return .interrupted }
        console.text(console.format == .json ? try receipt.json() : receipt.text(console))
        if receipt.isGood, !isClean { return .warned }
        return receipt.isGood ? .done : .failed
    }

    /// What came of it; nil when a stop signal ended it.
    private func outcome(
        of body: @escaping @Sendable () async throws -> DrillReceipt
    ) async -> Result<DrillReceipt?, any Error> {
        await withTaskGroup(of: Result<DrillReceipt?, any Error>.self) { group in
            let stops = StopSignal.stream()
            group.addTask {
                do { return .success(try await body()) } catch { return .failure(error) }
            }
            group.addTask {
                for await _ in stops { break }
                return .success(nil)
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? .success(nil)
        }
    }

    /// Takes the drill's data away, unless somebody has to look at them.
    ///
    /// - Returns: False when that did not work.
    private func clean(
        _ plan: DrillPlan, _ outcome: Result<DrillReceipt?, any Error>, _ console: Console
    ) async -> Bool {
        let isBroken =
            switch outcome {
            case .success(let receipt): receipt?.isGood == false
            case .failure: true
            }
        guard !isBroken, !plan.isKept else { return true }
        do {
            // What was undone a moment ago may still be on its way back.
            try await DrillServices(folder: plan.folder).allReady()
            try await DrillPipeline.remove(plan.pipeline, try StackContext(plan.arguments))
            return true
        } catch {
            console.note("the drill's data are still there: \(error)")
            return false
        }
    }

    private static func list() -> Table {
        var table = Table("drill", "what happens", "lasts", "times")
        for fault in DrillFaults.all {
            table.add([
                Cell(fault.name), Cell(fault.summary),
                Cell(fault.usualTime.map { TimeText.seconds($0 / .seconds(1)) }),
                Cell(fault.times),
            ])
        }
        table.add([
            Cell(DrillPlan.storm), "all of them at random, from a seed that is printed", "60 s",
            Cell(nil as Int?),
        ])
        return table
    }
}
