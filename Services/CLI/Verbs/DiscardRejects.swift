import Warehouse

/// Puts rejects away that nobody needs.
struct DiscardRejects: Command {
    let name = "rejects discard"
    let summary = "put rejects away that nobody needs"
    let topic = Topic.trouble
    let positionals = [Positional("REJECT", isRequired: false, isRepeatable: true)]
    let options: [Option] =
        RejectSelection.options + [
            RejectSelection.all,
            .flag("dry-run", "say how many would be discarded, and discard none"),
            .flag("yes", "do not ask"),
        ]
    let details = """
        REJECT is a number that `rejects list` shows.

        Nothing is deleted: they stay as `discarded`, with who did it and when
        (`rejects list --state discarded`).
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        var filter = try await RejectSelection(arguments: arguments, context: context)
            .filter(needsWord: true)
        filter.state = .open
        let pool = try context.warehouse()
        let rejects = Rejects(pool)
        let count = try await rejects.count(filter)
        let words = TimeText.count(count, "reject")
        guard count > 0, !arguments.flag("dry-run") else {
            console.note(count == 0 ? "no open rejects are meant" : "\(words) would be discarded")
            return .done
        }
        try Confirmation.ask(count, to: "discard \(words)", arguments, console)
        let who = Operator.name
        let audit = Audit(pool)
        let entry = try await audit.begin(
            who: who, verb: name, arguments: arguments.words, selected: count)
        do {
            let done = try await rejects.discard(filter, by: who)
            try await audit.end(entry, done: done, outcome: "discarded")
            console.note("\(TimeText.count(done, "reject")) discarded")
        } catch {
            try await audit.end(entry, done: 0, outcome: "\(error)")
            throw error
        }
        return .done
    }
}
