import Postgres
import Warehouse

/// Puts dead letters away that nobody needs.
struct DropDead: Command {
    let name = "dead drop"
    let summary = "put dead letters away that nobody needs"
    let topic = Topic.trouble
    let positionals = [Positional("EVENT", isRequired: false, isRepeatable: true)]
    let options: [Option] =
        LetterSelection.options + [
            .flag("all", "every one that waits"),
            .flag("dry-run", "say what would be dropped, and drop nothing"),
            .flag("yes", "do not ask"),
        ]
    let details = """
        EVENT is an event's id that `dead list` shows, or its first letters.

        Nothing is deleted: the letters stay as `dropped`, with who did it and when
        (`dead list --all --state dropped`). One that fails anew waits again.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let selection = try LetterSelection(arguments, context)
        let letters = try await LetterSelection.reading(context) {
            try await selection.snapshot([.waiting, .replaying])
        }
        console.records(LetterTable.table(letters, for: console.format))
        guard !letters.isEmpty else {
            if console.format == .table { console.note("no dead letters are meant by that") }
            return .done
        }
        let words = TimeText.count(letters.count, "letter")
        if arguments.flag("dry-run") {
            console.note("\(words) would be dropped")
            return .done
        }
        try Confirmation.ask(letters.count, to: "drop \(words)", arguments, console)
        let count = try await drop(letters, context, arguments)
        console.note("\(TimeText.count(count, "letter")) dropped")
        guard count == letters.count else {
            throw CommandError(
                "\(letters.count - count) failed anew or ended meanwhile, and stay",
                try: "millrace dead list\(context.dataFlag)")
        }
        return .done
    }

    private func drop(
        _ letters: [KeptLetter], _ context: StackContext, _ arguments: Arguments
    ) async throws -> Int {
        let pool = try context.warehouse()
        let audit = Audit(pool)
        let who = Operator.name
        let entry = try await audit.begin(
            who: who, verb: name, arguments: arguments.words, selected: letters.count)
        do {
            let count = try await pool.transaction { connection in
                try await DeadLetters.drop(letters, by: who, connection)
            }
            try await audit.end(entry, done: count, outcome: "dropped")
            return count
        } catch {
            try await audit.end(entry, done: 0, outcome: "\(error)")
            throw error
        }
    }
}
