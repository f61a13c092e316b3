import Broker
import Foundation
import Warehouse

/// Shows one dead letter whole.
struct ShowDead: Command {
    let name = "dead show"
    let summary = "show a dead letter whole, and what to do"
    let topic = Topic.trouble
    let positionals = [Positional("EVENT")]
    let options: [Option] = [
        .value("service", "NAME", "that service's, where several have it"),
        .flag("payload", "print what it carries, byte by byte, and nothing else"),
    ]
    let details = """
        EVENT is an event's id that `dead list` shows, or its first letters. Looking
        changes nothing.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let selection = try LetterSelection(arguments, context)
        let word = arguments.positionals[0]
        let pages = try await LetterSelection.reading(context) {
            let found = try await selection.letters.find(
                word, service: arguments.value("service"))
            guard Set(found.map(\.id)).count < 2 else {
                throw LetterSelection.ambiguous(word, found, context)
            }
            return try await selection.letters.contents(of: found)
        }
        guard !pages.isEmpty else {
            throw CommandError(
                "no dead letter's id begins with `\(word)`",
                try: "millrace dead list\(context.dataFlag)")
        }
        if arguments.flag("payload") {
            try FileHandle.standardOutput.write(contentsOf: pages[0].1.message.body)
        } else if console.format == .table {
            for (letter, content) in pages {
                LetterPage(letter: letter, content: content, dataFlag: context.dataFlag)
                    .show(on: console)
            }
        } else {
            console.records(LetterPage.records(pages))
        }
        return .done
    }
}
