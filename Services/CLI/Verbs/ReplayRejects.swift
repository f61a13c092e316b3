import Broker
import Stack
import Telemetry
import Warehouse

/// Sends rejected records the whole way again.
struct ReplayRejects: Command {
    let name = "rejects replay"
    let summary = "send rejected records the whole way again"
    let topic = Topic.trouble
    let positionals = [Positional("REJECT", isRequired: false, isRepeatable: true)]
    let options: [Option] =
        RejectSelection.options + [
            RejectSelection.all, .flag("dry-run", "say what would be sent, and send nothing"),
        ]
    let details = """
        REJECT is a number that `rejects list` shows. Cure the cause first: `apply`
        the pipeline that takes them.

        The records are copied as they stand in their object into a new one, NAME
        becoming NAME.replay-N, which goes the whole way under the current revision.
        A file that was refused as a whole goes again as a whole. What fails again is
        a reject of the new object.

        An interrupted call loses nothing and doubles nothing: the next one, whatever
        it is about, first sends what was in hand.

        Over an object and its replays the balance holds:
        select * from millrace.replayed   -- read = published + superseded + filtered
                                          --        + rejected + under_way

        Exits with 1 when some could not be sent.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let filter = try await RejectSelection(arguments: arguments, context: context)
            .filter(needsWord: true)
        let pool = try context.warehouse()
        let replays = RejectReplays(pool)
        let plan = RejectPlan(lake: try context.lake(), catalog: try context.catalog())
        var steps = try await plan.steps(replays.origins(filter))
        if arguments.flag("dry-run") {
            console.records(RejectPlan.table(steps))
            return .done
        }
        let unsent = try await replays.unsent()
        guard !steps.isEmpty || !unsent.isEmpty else {
            console.note("no open rejects are meant")
            return .done
        }
        let selected = steps.reduce(0) { $0 + $1.origin.records }
        let audit = Audit(pool)
        let entry = try await audit.begin(
            who: Operator.name, verb: name, arguments: arguments.words, selected: selected)
        do {
            try await send(unsent, &steps, filter, replays, plan, context)
        } catch {
            try await audit.end(entry, done: RejectPlan.sent(steps), outcome: "\(error)")
            throw error
        }
        try await audit.end(entry, done: RejectPlan.sent(steps), outcome: "sent")
        console.records(RejectPlan.table(steps))
        return try conclude(steps, unsent.count, context, console)
    }

    private func send(
        _ unsent: [RejectReplays.Replay], _ steps: inout [RejectPlan.Step],
        _ filter: RejectFilter, _ replays: RejectReplays, _ plan: RejectPlan,
        _ context: StackContext
    ) async throws {
        let log = Log(service: "rejects replay", threshold: .error)
        let host = context.addresses.host
        let todo = steps
        steps = try await RabbitPublisher.with(
            try context.broker(), name: "millrace rejects replay", log: log
        ) { publisher in
            let sending = RejectSending(
                replays: replays, plan: plan, publisher: publisher, source: "/millrace/cli/\(host)")
            for replay in unsent { _ = try await sending.send(replay) }
            var done = todo
            for index in done.indices where done[index].obstacle == nil {
                try await sending.send(&done[index], filter, by: Operator.name)
            }
            return done
        }
    }

    private func conclude(
        _ steps: [RejectPlan.Step], _ earlier: Int, _ context: StackContext, _ console: Console
    ) throws -> ExitCode {
        if earlier > 0 {
            console.note(
                "\(TimeText.count(earlier, "object")) of an interrupted call went first")
        }
        console.note("\(TimeText.count(RejectPlan.sent(steps), "record")) sent")
        let rest = steps.reduce(0) { $0 + $1.origin.records } - RejectPlan.sent(steps)
        guard rest > 0 else { return .done }
        throw CommandError(
            "\(TimeText.count(rest, "record")) could not be sent and stay open",
            try: "millrace rejects list\(context.dataFlag)")
    }
}
