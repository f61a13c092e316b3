import Stack
import Warehouse

/// Lists what became of the latest batches.
struct ListRuns: Command {
    let name = "runs"
    let summary = "list the latest runs"
    let topic = Topic.data
    let options: [Option] = [
        .value("pipeline", "NAME", "only that pipeline's"),
        .value("dataset", "NAME", "only that dataset's"),
        .choice("state", RunState.allCases.map(\.rawValue), "only those"),
        .value("since", "TIME", "only those that began since: 30m, 2h, 7d, 2026-11-21"),
        .value("limit", "N", "at most so many; 20 by default"),
    ]

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let runs = try await Runs(context.warehouse()).list(
            pipeline: arguments.value("pipeline"), dataset: arguments.value("dataset"),
            state: arguments.value("state").flatMap(RunState.init(rawValue:)),
            since: try Since.read(arguments),
            limit: try arguments.integer("limit", default: 20, in: 1...10_000))
        console.records(RunTable.table(runs, for: console.format, width: console.width))
        if console.format == .table {
            console.note(
                runs.isEmpty
                    ? "no runs yet: put a file into \(context.folder.inbox), or"
                        + " millrace put PIPELINE DATASET FILE\(context.dataFlag)"
                    : "millrace show RUN\(context.dataFlag) tells a run's story")
        }
        return .done
    }
}
