import Broker
import Events
import Foundation
import Lake
import Pipelines
import Postgres
import Stack
import Telemetry
import Warehouse

/// Runs a batch again.
struct ReplayRun: Command {
    let name = "replay"
    let summary = "run a batch again, with its revision or now's"
    let topic = Topic.data
    let positionals = [Positional("RUN")]
    let options: [Option] = [
        .choice("from", ReplayStage.allCases.map(\.rawValue), "where to begin; transform"),
        .flag("as-of", "with the revision that the run had, which is the default"),
        .flag("current", "with the pipeline's current revision"),
        .flag("wait", "return when the new run is published or refused"),
        .value("timeout", "SECONDS", "how long --wait waits; 600 by default"),
    ]
    let details = """
          millrace apply my-pipeline && millrace replay 01M7YJN42R --current --wait

        RUN is a run's id or its first letters. The replay is a new run of the same
        objects, from their raw bytes in the lake, or with `--from load` from the typed
        rows that the run left there. It goes through every check.

        What the objects gave to the table is replaced in one transaction by what they
        give now. A row that another object has replaced since stays as it is: newest
        wins. A row that the run had overwritten does not come back by leaving it out;
        replay the run that brought it, too.

        With --wait it exits with 3 when the new run was refused, with 1 when it failed.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        guard !(arguments.flag("as-of") && arguments.flag("current")) else {
            throw CommandError("--as-of and --current exclude each other", exit: .usage)
        }
        let limit = try arguments.integer("timeout", default: 600, in: 1...86_400)
        let context = try StackContext(arguments)
        let pool = try context.warehouse()
        let run = try await RunLookup.find(arguments.positionals[0], in: pool, context)
        let stage = arguments.value("from").flatMap(ReplayStage.init(rawValue:)) ?? .transform
        let plan = ReplayPlan(run: run, stage: stage, context: context, pool: pool)
        let request = try await plan.request(isCurrent: arguments.flag("current"))
        try await say(request, arguments, context, pool)
        if arguments.flag("wait") {
            return try await wait(for: request, .seconds(limit), context, pool, console)
        }
        var table = Table(.init("run", isWhole: true), "replay_of", "from", "revision")
        table.add([
            Cell(request.batch.description), Cell(request.of.description),
            Cell(request.from.rawValue), Cell(request.revision),
        ])
        console.records(table)
        console.note("millrace show \(request.batch)\(context.dataFlag) tells how it went")
        return .done
    }

    private func say(
        _ request: ReplayRequested, _ arguments: Arguments, _ context: StackContext,
        _ pool: PostgresPool
    ) async throws {
        let audit = Audit(pool)
        let entry = try await audit.begin(
            who: Operator.name, verb: name, arguments: arguments.words, selected: 1)
        let host = context.addresses.host
        let event = try Event(request, id: request.eventID, from: "/millrace/cli/\(host)")
        try await RabbitPublisher.with(
            try context.broker(), name: "millrace replay",
            log: Log(service: "replay", threshold: .error)
        ) { try await $0.publish([event]) }
        try await audit.end(entry, done: 1, outcome: "sent as \(request.batch)")
    }

    private func wait(
        for request: ReplayRequested, _ limit: Duration, _ context: StackContext,
        _ pool: PostgresPool, _ console: Console
    ) async throws -> ExitCode {
        console.progress("waiting for \(request.batch)")
        let run = try await RunWait(pool).end(of: request.batch, within: limit)
        console.endProgress()
        switch run {
        case .ended(let run):
            console.records(
                RunTable.table([run], for: console.format, width: console.width))
            if run.state == .published { return run.isRejected ? .gateFailed : .done }
            throw CommandError(
                "the replay was \(run.state.rawValue); the table is as it was",
                exit: run.state == .refused ? .gateFailed : .failed,
                try: "millrace show \(run.batch)\(context.dataFlag)")
        case .setAside(let letter):
            throw CommandError(
                "the replay could not be done", exit: .failed,
                try: "millrace dead show \(letter)\(context.dataFlag)")
        case .underWay:
            throw CommandError(
                "\(request.batch) is still on its way", exit: .transient,
                try: "millrace show \(request.batch)\(context.dataFlag)")
        }
    }
}
