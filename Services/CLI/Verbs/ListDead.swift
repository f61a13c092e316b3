import Broker
import Events

/// Lists the events that were set aside for a person.
struct ListDead: Command {
    let name = "dead list"
    let summary = "list the events that were set aside"
    let topic = Topic.trouble
    let options: [Option] = [
        DeadLetterBox.option, .value("limit", "N", "at most so many; 100 by default"),
    ]

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let box = try DeadLetterBox(context, service: arguments.value("service"))
        let limit = try arguments.integer("limit", default: 100, in: 1...100_000)
        let letters = try await box.list(limit: limit)
        console.records(DeadLetterTable.table(letters, for: console.format))
        if console.format == .table {
            console.note(
                letters.isEmpty
                    ? "no dead letters"
                    : "millrace dead replay EVENT\(context.dataFlag) sends one through again")
        }
        return .done
    }
}

/// Dead letters as records.
enum DeadLetterTable {
    static func table(_ letters: [DeadLetter], for format: OutputFormat) -> Table {
        format == .table ? short(letters) : whole(letters)
    }

    private static func short(_ letters: [DeadLetter]) -> Table {
        var table = Table(
            .init("event", isWhole: true), "service", "kind", "table", "reason", "tries", "error")
        for letter in letters {
            table.add([
                Cell(letter.id), Cell(letter.service), Cell(letter.kind),
                Cell("\(letter.pipeline).\(letter.dataset)"), Cell(letter.reason, .bad),
                Cell(letter.attempts), Cell(letter.errorMessage),
            ])
        }
        return table
    }

    static func whole(_ letters: [DeadLetter]) -> Table {
        var table = Table(
            "event", "kind", "service", "pipeline", "dataset", "reason", "error_class", "error",
            "attempts", "replays", "first_failed_at", "last_failed_at", "host", "trace", "data")
        for letter in letters {
            table.add([
                Cell(letter.id), Cell(letter.kind), Cell(letter.service), Cell(letter.pipeline),
                Cell(letter.dataset), Cell(letter.reason), Cell(letter.errorClass),
                Cell(letter.errorMessage), Cell(letter.attempts), Cell(letter.replays),
                Cell(letter.firstFailedAt.map(EventJSON.text)),
                Cell(letter.lastFailedAt.map(EventJSON.text)), Cell(letter.host),
                Cell(letter.trace), Cell(letter.data),
            ])
        }
        return table
    }
}
