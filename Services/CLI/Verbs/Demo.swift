import Lanes
import Stack

/// Shows the whole way in a minute: a stack of its own, a day of traffic, and what becomes of it.
struct Demo: Command {
    let name = "demo"
    let summary = "run a day of GoodReads traffic through a stack"
    let topic = Topic.stack
    let options: [Option] = [
        .value("seed", "N", "of the traffic; 1 by default"),
        .value("rows", "N", "records of the traffic; 2000 by default"),
        .value("dirty", "SHARE", "records with something odd; 2% by default"),
        .value(
            "pipelines", "DIR", "where the folder goodreads is; compose/pipelines by default",
            completion: .folders),
        .flag("keep", "leave the stack running"),
    ]
    let details = """
        Starts the stack, applies the GoodReads pipeline, subscribes a local mailbox and
        a local webhook, drops a day of made-up files into the inbox, shows each stage,
        and stops. The data stay: a second run finds that nothing is new.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let plan = try DemoPlan(arguments)
        let stack = RunningStack(plan.folder)
        if try stack.state() != nil {
            throw CommandError(
                "a stack runs in \(plan.folder.path) already; the demo brings its own mailbox",
                try: "millrace down\(plan.dataFlag)")
        }
        let outcome = await outcome(of: DemoShow(plan, console))
        let isDone = if case .success(.done) = outcome { true } else { false }
        if !(plan.isKept && isDone) {
            console.progress("stopping the stack")
            _ = try await stack.stop()
            console.endProgress()
        }
        let code = try outcome.get()
        if code != .interrupted { DemoEnd(plan, console).say() }
        return code
    }

    /// The show, or its end by a stop signal.
    private func outcome(of show: DemoShow) async -> Result<ExitCode, any Error> {
        await withTaskGroup(of: Result<ExitCode, any Error>?.self) { group in
            let stops = StopSignal.stream()
            group.addTask {
                do { return .success(try await show.run()) } catch { return .failure(error) }
            }
            group.addTask {
                for await _ in stops { return .success(.interrupted) }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first ?? .success(.interrupted)
        }
    }
}
