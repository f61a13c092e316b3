import Broker

/// Shows one dead letter whole.
struct ShowDead: Command {
    let name = "dead show"
    let summary = "show a dead letter whole"
    let topic = Topic.trouble
    let positionals = [Positional("EVENT")]
    let options: [Option] = [DeadLetterBox.option]
    let details = "EVENT is an event's id that `dead list` shows, or its first letters."

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let box = try DeadLetterBox(context, service: arguments.value("service"))
        let id = arguments.positionals[0]
        let letters = try await box.list(limit: .max).filter { $0.id.hasPrefix(id) }
        guard !letters.isEmpty else {
            throw CommandError(
                "no dead letter's id begins with `\(id)`",
                try: "millrace dead list\(context.dataFlag)")
        }
        let table = DeadLetterTable.whole(letters)
        if console.format == .table {
            // One value on each line: none is cut.
            console.text(table.text(width: 0, style: { console.paint($0, $1) }))
        } else {
            console.records(table)
        }
        return .done
    }
}
