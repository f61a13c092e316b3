import Broker

/// Sends dead letters through again.
struct ReplayDead: Command {
    let name = "dead replay"
    let summary = "send dead letters through again"
    let topic = Topic.trouble
    let positionals = [Positional("EVENT", isRequired: false, isRepeatable: true)]
    let options: [Option] = [DeadLetterBox.option, .flag("all", "every one of them")]
    let details = """
        EVENT is an event's id that `dead list` shows. One that has come back twice is
        left alone: what stops it is still there.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let ids = Set(arguments.positionals)
        let isAll = arguments.flag("all")
        guard isAll != !ids.isEmpty else {
            throw CommandError(
                "say which: the ids of events, or --all", exit: .usage,
                try: "millrace dead list\(StackContext.dataFlag(arguments))")
        }
        let context = try StackContext(arguments)
        let box = try DeadLetterBox(context, service: arguments.value("service"))
        let sent = try await box.replay { isAll || ids.contains($0.id) }
        console.records(DeadLetterTable.table(sent, for: console.format))
        let missing = ids.subtracting(sent.map(\.id)).sorted()
        guard missing.isEmpty else {
            throw CommandError(
                "not sent, because they are not there or have come back twice: "
                    + missing.joined(separator: ", "),
                try: "millrace dead list\(context.dataFlag)")
        }
        if console.format == .table { console.note("\(TimeText.count(sent.count, "event")) sent") }
        return .done
    }
}
