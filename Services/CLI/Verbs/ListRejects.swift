import Events
import Warehouse

/// Lists the records that could not go on.
struct ListRejects: Command {
    let name = "rejects list"
    let summary = "list the records that could not go on"
    let topic = Topic.trouble
    let options: [Option] = [
        .value("run", "RUN", "only that run's; its id or its first letters"),
        .value("pipeline", "NAME", "only that pipeline's"),
        .value("dataset", "NAME", "only that dataset's"),
        .value("reason", "WORD", "only those, e.g. out_of_range"),
        .value("limit", "N", "at most so many; 50 by default"),
    ]

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let warehouse = try context.warehouse()
        var run: Run?
        if let prefix = arguments.value("run") {
            run = try await RunLookup.find(prefix, in: warehouse, context)
        }
        let rejects = try await Rejects(warehouse).list(
            pipeline: arguments.value("pipeline"), dataset: arguments.value("dataset"),
            batch: run?.batch, reason: arguments.value("reason"),
            limit: try arguments.integer("limit", default: 50, in: 1...100_000))
        console.records(RejectTable.table(rejects, for: console.format, width: console.width))
        if console.format == .table {
            console.note(
                rejects.isEmpty
                    ? "no rejects"
                    : "millrace rejects show REJECT\(context.dataFlag) shows one whole")
        }
        return .done
    }
}
