import Warehouse

/// Lists the records that could not go on.
struct ListRejects: Command {
    let name = "rejects list"
    let summary = "list the records that could not go on"
    let topic = Topic.trouble
    let options: [Option] =
        RejectSelection.options + [
            RejectListing.state, .value("limit", "N", "at most so many; 50 by default"),
        ]

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        var filter = try await RejectSelection(arguments: arguments, context: context).filter()
        filter.state = RejectListing.state(arguments)
        let rejects = try await Rejects(context.warehouse()).list(
            filter, limit: try arguments.integer("limit", default: 50, in: 1...100_000))
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
