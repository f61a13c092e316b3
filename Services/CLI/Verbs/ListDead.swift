import Warehouse

/// Lists the events that were set aside for a person.
struct ListDead: Command {
    let name = "dead list"
    let summary = "list the events that were set aside"
    let topic = Topic.trouble
    let options: [Option] =
        [.flag("all", "each letter, not each group")] + LetterSelection.options + [
            .choice(
                "state", KeptLetter.State.allCases.map(\.rawValue) + ["any"],
                "only those; waiting by default"),
            .value("limit", "N", "at most so many lines; 100 by default"),
        ]
    let details = """
        An event that a service could not handle is kept as a dead letter until
        somebody sends it through again or drops it. Letters that failed in the same
        way (service, error class, pipeline) are one line, with the newest as sample.

          waiting    nobody has done anything about it yet
          replaying  sent through again; its end is not known yet
          resolved   sent through again, and handled
          dropped    somebody decided that it is not needed
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let selection = try LetterSelection(arguments, context)
        let limit = try arguments.integer("limit", default: 100, in: 1...100_000)
        let states = states(arguments)
        let filter = try selection.filter(states)
        try await LetterSelection.reading(context) {
            if arguments.flag("all") {
                let letters = try await selection.letters.list(filter, limit: limit)
                console.records(LetterTable.table(letters, for: console.format))
                if console.format == .table { tell(letters.map(\.id), context, console) }
            } else {
                let groups = try await selection.letters.groups(filter, limit: limit)
                console.records(LetterTable.table(groups, for: console.format))
                if console.format == .table { tell(groups.map(\.sample), context, console) }
            }
            try await tellOfReplays(selection, states, console)
        }
        return .done
    }

    private func states(_ arguments: Arguments) -> [KeptLetter.State] {
        switch arguments.value("state") {
        case nil: [.waiting]
        case "any": KeptLetter.State.allCases
        case let word?: KeptLetter.State(rawValue: word).map { [$0] } ?? []
        }
    }

    private func tell(_ ids: [String], _ context: StackContext, _ console: Console) {
        guard let id = ids.first else { return console.note("no dead letters") }
        console.note(
            "millrace dead show \(Table.clean(id))\(context.dataFlag) says why and what to do")
    }

    /// One whose end never came must not be forgotten because it waits for nobody.
    private func tellOfReplays(
        _ selection: LetterSelection, _ states: [KeptLetter.State], _ console: Console
    ) async throws {
        guard console.format == .table, states == [.waiting] else { return }
        let count = try await selection.letters.count(selection.filter([.replaying]))
        if count > 0 {
            console.note("\(TimeText.grouped(count)) sent through again: --state replaying")
        }
    }
}
