import Events
import Foundation
import Warehouse

/// Keeps alerts from being told for a time.
struct AddSilence: Command {
    let name = "silence add"
    let summary = "tell nobody of some alerts for a time"
    let topic = Topic.people
    let positionals = [Positional("MATCHER", isRepeatable: true)]
    let options: [Option] = [
        .value("for", "TIME", "how long: 30m, 2h, 7d"),
        .value("until", "TIME", "or its end: a date, or a time with its zone"),
        .value("from", "TIME", "when it begins; now by default"),
        .value("comment", "TEXT", "why"),
    ]
    let details = """
          millrace silence add pipeline=shop topic=~check_.* --for 2h --comment "moving"

        An alert that fits every MATCHER is silenced. They are =, !=, =~ and !~ (a
        pattern for the whole text) on \(Silence.Matcher.names.joined(separator: ", ")).
        The alert stays in `millrace alerts`; if it is not over when the silence ends,
        it is told then.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let matchers = try arguments.positionals.map { text in
            do throws(HandlingError) {
                return try Silence.Matcher(text)
            } catch {
                throw CommandError(error.description, exit: .usage)
            }
        }
        let start = try time("from", arguments) ?? Date()
        let end = try end(arguments, start)
        guard let comment = arguments.value("comment"), !comment.isEmpty else {
            throw CommandError("--comment is missing: say why", exit: .usage)
        }
        guard end > max(start, Date()) else {
            throw CommandError("it would be over before it begins", exit: .usage)
        }
        let context = try StackContext(arguments)
        let (silence, fitting) = try await add(
            matchers, start, end, comment, Silences(context.warehouse()))
        console.records(AlertTable.table([silence], for: console.format))
        if console.format == .table {
            console.note("it fits \(TimeText.count(fitting, "open alert"))")
            console.note("millrace silence expire \(silence.id)\(context.dataFlag) ends it")
        }
        return .done
    }

    private func add(
        _ matchers: [Silence.Matcher], _ start: Date, _ end: Date, _ comment: String,
        _ silences: Silences
    ) async throws -> (Silence, Int) {
        do {
            let made = try await silences.add(
                matchers, from: start, until: end, who: Operator.name, comment: comment)
            return (made.silence, made.fitting)
        } catch let error as HandlingError {
            throw CommandError(error.description, exit: .usage)
        }
    }

    private func end(_ arguments: Arguments, _ start: Date) throws -> Date {
        switch (arguments.value("for"), try time("until", arguments)) {
        case (let text?, nil):
            // So long ago, as other verbs read it, is so long from then.
            guard text.last?.isLetter == true, let past = TimeText.since(text, now: start) else {
                throw CommandError("--for is `\(text)`; write 30m, 2h or 7d", exit: .usage)
            }
            return start.addingTimeInterval(start.timeIntervalSince(past))
        case (nil, let end?): return end
        default: throw CommandError("give one of --for and --until", exit: .usage)
        }
    }

    private func time(_ name: String, _ arguments: Arguments) throws -> Date? {
        guard let text = arguments.value(name) else { return nil }
        let isAgo = text.last.map { "smhd".contains($0) } ?? false
        guard !isAgo, let date = TimeText.since(text) else {
            throw CommandError(
                "--\(name) is `\(text)`; write a date, or a time with its zone", exit: .usage)
        }
        return date
    }
}

/// Lists the silences.
struct ListSilences: Command {
    let name = "silence list"
    let summary = "list what nobody is told of, and until when"
    let topic = Topic.people
    let options: [Option] = [.flag("all", "also those that have ended")]

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let silences = try await Silences(context.warehouse()).list(all: arguments.flag("all"))
        console.records(AlertTable.table(silences, for: console.format))
        if silences.isEmpty, console.format == .table { console.note("no silences") }
        return .done
    }
}

/// Ends a silence before its time.
struct ExpireSilence: Command {
    let name = "silence expire"
    let summary = "end a silence now"
    let topic = Topic.people
    let positionals = [Positional("SILENCE")]

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let id = arguments.positionals[0]
        guard try await Silences(context.warehouse()).expire(id) else {
            throw CommandError(
                "there is no silence `\(id)` that has not ended",
                try: "millrace silence list\(context.dataFlag)")
        }
        console.note("\(id) has ended; what it held back and is not over is told within seconds")
        return .done
    }
}
