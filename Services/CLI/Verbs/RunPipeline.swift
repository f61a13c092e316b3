import Broker
import Events
import Foundation
import Lake
import Pipelines
import Stack
import Telemetry
import Warehouse

/// Runs a pipeline now, without waiting for its schedule.
struct RunPipeline: Command {
    let name = "run"
    let summary = "run a pipeline now, whatever its schedule"
    let topic = Topic.data
    let positionals = [Positional("PIPELINE"), Positional("DATASET", isRequired: false)]
    let options: [Option] = [
        .flag("wait", "return when what lay there is published or refused"),
        .flag("overlap", "also while another run of the pipeline is in flight"),
        .value("timeout", "SECONDS", "how long --wait waits; 600 by default"),
    ]
    let details = """
        The run takes what lies in the landing zone at this moment. It is needed only
        where the pipeline has a schedule: others take everything when it arrives.

        With --wait it exits with 3 when a batch was refused, with 1 when one failed.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let limit = try arguments.integer("timeout", default: 600, in: 1...86_400)
        let context = try StackContext(arguments)
        let datasets = try await datasets(arguments.positionals, context)
        let marks = RunMarks(lake: try context.lake())
        let pipeline = arguments.positionals[0]
        if !arguments.flag("overlap"), let other = try await marks.inFlight(pipeline).first {
            throw CommandError(
                "a run of \(pipeline) is in flight since \(TimeText.stamp(other.modifiedAt)) UTC",
                exit: .transient, try: "millrace run \(pipeline) --overlap\(context.dataFlag)")
        }
        let runs = try await waiting(datasets, context)
        if runs.isEmpty {
            console.note("nothing lies in the landing zone of \(pipeline)")
            return .done
        }
        try await say(runs, marks, context)
        guard arguments.flag("wait") else {
            for run in runs { console.note("\(run.pipeline).\(run.dataset)  run \(run.batch(0))") }
            return .done
        }
        return try await wait(for: runs, .seconds(limit), context, console)
    }

    /// What would be run, due now.
    private func datasets(
        _ words: [String], _ context: StackContext
    ) async throws -> [RunDue] {
        let catalog = try context.catalog()
        guard let current = try await catalog.current(words[0]) else {
            let hint =
                nearest(to: words[0], in: try await catalog.names())
                .map { "; did you mean `\($0)`?" } ?? ""
            throw CommandError(
                "no pipeline `\(words[0])` is applied\(hint)", exit: .usage,
                try: "millrace apply DIR\(context.dataFlag)")
        }
        let names = current.pipeline.datasets.map(\.name)
        if let wanted = words.dropFirst().first, !names.contains(wanted) {
            let hint = nearest(to: wanted, in: names).map { "; did you mean `\($0)`?" } ?? ""
            throw CommandError(
                "\(words[0]) has no dataset `\(wanted)`\(hint)", exit: .usage,
                try: "millrace run \(words[0]) \(names.first ?? "")\(context.dataFlag)")
        }
        let now = Date()
        return names.filter { words.count == 1 || $0 == words[1] }.map {
            RunDue(
                pipeline: words[0], dataset: $0, revision: current.revision, due: now,
                firedAt: now, cause: .manual)
        }
    }

    private func waiting(_ runs: [RunDue], _ context: StackContext) async throws -> [RunDue] {
        let lake = try context.lake()
        var found: [RunDue] = []
        for run in runs {
            let prefix = LakeKeys.landingPrefix(run.pipeline, run.dataset)
            let first = try await lake.list(prefix: prefix, after: nil, limit: 1)
            if !first.isEmpty { found.append(run) }
        }
        return found
    }

    private func say(_ runs: [RunDue], _ marks: RunMarks, _ context: StackContext) async throws {
        let source = "/millrace/cli/\(context.addresses.host)"
        let events = try runs.map { try Event($0, id: $0.eventID, from: source) }
        for run in runs { try await marks.begin(run.pipeline, run.batch(0)) }
        do {
            try await RabbitPublisher.with(
                try context.broker(), name: "millrace run",
                log: Log(service: "run", threshold: .error)
            ) { try await $0.publish(events) }
        } catch {
            for run in runs { try await marks.end(run.pipeline, run.batch(0)) }
            throw error
        }
    }

    private func wait(
        for runs: [RunDue], _ limit: Duration, _ context: StackContext, _ console: Console
    ) async throws -> ExitCode {
        let pool = try context.warehouse()
        var ended: [Run] = []
        for run in runs {
            console.progress("waiting for \(run.pipeline).\(run.dataset)")
            switch try await RunWait(pool).end(of: run.batch(0), within: limit) {
            case .ended(let run): ended.append(run)
            case .setAside(let letter):
                throw CommandError(
                    "\(run.pipeline).\(run.dataset) could not be run",
                    try: "millrace dead show \(letter)\(context.dataFlag)")
            case .underWay:
                throw CommandError(
                    "\(run.pipeline).\(run.dataset) is still on its way", exit: .transient,
                    try: "millrace show \(run.batch(0))\(context.dataFlag)")
            }
        }
        console.endProgress()
        console.records(RunTable.table(ended, for: console.format, width: console.width))
        if ended.contains(where: { $0.state == .failed }) { return .failed }
        return ended.allSatisfy { $0.state == .published } ? .done : .gateFailed
    }
}
