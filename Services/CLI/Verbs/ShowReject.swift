import Warehouse

/// Shows one reject whole, with the record as it came.
struct ShowReject: Command {
    let name = "rejects show"
    let summary = "show a reject whole, with its raw record"
    let topic = Topic.trouble
    let positionals = [Positional("REJECT")]
    let details = "REJECT is a number that `rejects list` shows."

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let word = arguments.positionals[0]
        guard let id = Int(word), let reject = try await Rejects(context.warehouse()).find(id)
        else {
            throw CommandError(
                "there is no reject `\(word)`", try: "millrace rejects list\(context.dataFlag)")
        }
        guard console.format == .table else {
            console.records(RejectTable.table([reject], for: console.format, width: console.width))
            return .done
        }
        let place = reject.line.map { ", line \($0)" } ?? ""
        let column = reject.column.map { "\($0): " } ?? ""
        console.line(
            "reject \(reject.id)  \(reject.pipeline).\(reject.dataset)  "
                + "\(reject.stage): " + console.paint(reject.reason, .warned))
        console.line("  \(Table.clean(column + reject.message))")
        console.line("  in \(Table.clean(reject.object))\(place), run \(reject.batch)")
        if reject.state != .open {
            let replay = reject.replay.map { ", replay \($0)" } ?? ""
            console.line("  \(reject.state) by \(reject.decidedBy ?? "")\(replay)")
        }
        if let raw = reject.raw {
            console.line()
            console.line(Table.clean(raw, keepsLines: true))
        }
        return .done
    }
}
