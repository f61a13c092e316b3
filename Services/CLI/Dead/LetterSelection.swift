import Broker
import Foundation
import Postgres
import Warehouse

/// Which dead letters a verb `dead …` is about, as its options and ids say.
struct LetterSelection {
    /// The options that narrow it, of all verbs of this noun.
    static let options: [Option] = [
        .value("service", "NAME", "only that service's"),
        .value("class", "CLASS", "only that error class, e.g. lake.missing"),
        .value("pipeline", "NAME", "only that pipeline's"),
        .value("dataset", "NAME", "only that dataset's"),
        .value("since", "TIME", "only those that failed since: 30m, 2h, 7d, 2026-11-21"),
    ]

    private let arguments: Arguments
    private let context: StackContext
    let letters: DeadLetters

    /// - Throws: `CommandError` when there is no such service.
    init(_ arguments: Arguments, _ context: StackContext) throws {
        self.arguments = arguments
        self.context = context
        letters = DeadLetters(try context.warehouse())
        let services = ServiceQueues.services + [DeadLetter.unrouted]
        if let service = arguments.value("service"), !services.contains(service) {
            throw CommandError(
                "no service `\(service)` takes events; those that do: "
                    + ServiceQueues.services.joined(separator: ", ")
                    + " (and `\(DeadLetter.unrouted)` for what reached none)", exit: .usage)
        }
    }

    /// What the options say, without ids.
    func filter(_ states: [KeptLetter.State] = [.waiting]) throws -> LetterFilter {
        LetterFilter(
            service: arguments.value("service"), errorClass: arguments.value("class"),
            pipeline: arguments.value("pipeline"), dataset: arguments.value("dataset"),
            since: try Since.read(arguments), states: states)
    }

    /// The letters that the ids and options name, the oldest first, as they are now.
    ///
    /// - Throws: `CommandError` when nothing narrows it and `--all` is not given, or when an id is
    ///   nobody's.
    func snapshot(_ states: [KeptLetter.State]) async throws -> [KeptLetter] {
        var filter = try filter(states)
        let isNarrowed = Self.options.contains { arguments.value($0.name) != nil }
        guard !arguments.positionals.isEmpty || isNarrowed || arguments.flag("all") else {
            throw CommandError(
                "say which: ids, --service, --class, --pipeline, --dataset, --since, or --all",
                exit: .usage, try: "millrace dead list\(context.dataFlag)")
        }
        if !arguments.positionals.isEmpty {
            filter.ids = try await ids()
        }
        return try await letters.list(filter, limit: 1_000_000).reversed()
    }

    /// The ids that the words mean: whole, or their first letters.
    private func ids() async throws -> [String] {
        var ids: Set<String> = []
        for word in arguments.positionals {
            let found = try await letters.find(word, service: arguments.value("service"))
            let names = Set(found.map(\.id))
            guard names.count < 2 else { throw Self.ambiguous(word, found, context) }
            guard let letter = found.first else {
                throw CommandError(
                    "no dead letter's id begins with `\(word)`",
                    try: "millrace dead list\(context.dataFlag)")
            }
            // One that is under way may be what a killed call left in hand.
            guard found.contains(where: { [.waiting, .replaying].contains($0.state) }) else {
                throw CommandError(
                    "\(letter.id) is \(letter.state.rawValue): there is nothing to do with it",
                    try: "millrace dead show \(letter.id)\(context.dataFlag)")
            }
            ids.insert(letter.id)
        }
        return Array(ids)
    }

    static func ambiguous(
        _ word: String, _ found: [KeptLetter], _ context: StackContext
    ) -> CommandError {
        let lines = found.map { "  \($0.id)  \($0.service)  \($0.state.rawValue)" }
        return CommandError(
            "several begin with `\(word)`:\n\(lines.joined(separator: "\n"))", exit: .usage,
            try: "millrace dead show \(found.first?.id ?? word)\(context.dataFlag)")
    }

    /// Runs what reads the archive; says what is missing when it is not there.
    static func reading<Value>(
        _ context: StackContext, _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch let error as PostgresError where error.sqlState == "42P01" {
            throw CommandError(
                "the warehouse has no archive of dead letters: "
                    + "the notifier makes it when it starts",
                try: "millrace status\(context.dataFlag)")
        }
    }
}

/// Who types: `user@host`, for the audit.
enum Operator {
    static var name: String {
        let process = ProcessInfo.processInfo
        return "\(process.userName)@\(process.hostName)"
    }
}
