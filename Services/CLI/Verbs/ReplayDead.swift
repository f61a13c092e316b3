import Broker
import Foundation
import Lanes
import Synchronization
import Telemetry
import Warehouse

/// Sends dead letters through again.
struct ReplayDead: Command {
    let name = "dead replay"
    let summary = "send dead letters through again"
    let topic = Topic.trouble
    let positionals = [Positional("EVENT", isRequired: false, isRepeatable: true)]
    let options: [Option] =
        LetterSelection.options + [
            .flag("all", "every one that waits"),
            .choice(
                "state", ["waiting", "replaying"],
                "waiting by default; replaying for those whose end never came"),
            .value("rate", "N", "at most so many a second; 50 by default"),
            .flag("dry-run", "say what would be sent, and send nothing"),
            .flag("no-canary", "send all at once, without trying one of each group first"),
            .flag("force", "also those that were sent twice already"),
            .value("timeout", "SECONDS", "how long a canary may take; 120 by default"),
        ]
    let details = """
        EVENT is an event's id that `dead list` shows, or its first letters.

        Of each group (service, error class, pipeline) one letter goes first. When it
        is handled the others follow; when it comes back they stay. It stops by itself
        when \(Replay.returnsToStop) of a group have come back.

        What was sent twice already needs --force: look first why it keeps coming back.

        An interrupted call loses nothing; the same call goes on with what is left,
        after a minute also with what was in hand. An event may go through twice by
        that, which changes nothing.

        An event is a fact and is not edited. Where what it says is wrong, hand over
        the right data (`millrace put`) and drop the letter. `dead show --payload`
        prints what a letter carries.

        Exits with 1 when letters came back, with 75 when a canary gave no answer.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let plan = Replay.Plan(
            rate: try Self.rate(arguments), hasCanary: !arguments.flag("no-canary"),
            patience: .seconds(try arguments.integer("timeout", default: 120, in: 1...86_400)))
        let context = try StackContext(arguments)
        let selection = try LetterSelection(arguments, context)
        let state = arguments.value("state").flatMap(KeptLetter.State.init(rawValue:)) ?? .waiting
        let found = try await LetterSelection.reading(context) {
            try await selection.snapshot([state])
        }
        let isForced = arguments.flag("force")
        let refused = found.filter { !isForced && $0.replays >= Replay.usualReplays }
        let snapshot = found.filter { isForced || $0.replays < Replay.usualReplays }
        let report = ReplayReport(context: context, console: console, refused: refused)
        guard !snapshot.isEmpty else { return try report.nothing() }
        let tally = ReplayTally(snapshot)
        if arguments.flag("dry-run") { return report.dryRun(tally) }
        try await Self.check(snapshot, context)
        try await perform(snapshot, tally, plan, selection.letters, arguments, console)
        return try report.conclude(tally)
    }

    /// Sends under the eyes of the audit; a first Ctrl-C ends it after the piece in hand.
    private func perform(
        _ snapshot: [KeptLetter], _ tally: ReplayTally, _ plan: Replay.Plan,
        _ letters: DeadLetters, _ arguments: Arguments, _ console: Console
    ) async throws {
        let context = try StackContext(arguments)
        let who = Operator.name
        let audit = Audit(try context.warehouse())
        let entry = try await audit.begin(
            who: who, verb: name, arguments: arguments.words, selected: snapshot.count)
        let stop = Stop()
        let log = Log(service: "dead replay", threshold: .error)
        do {
            try await RabbitPublisher.with(
                try context.broker(), name: "millrace dead replay", log: log
            ) { publisher in
                try await stop.watching {
                    try await Replay(
                        letters, over: publisher, plan, by: who, console,
                        isStopped: { stop.isAsked }
                    ).run(snapshot, tally)
                }
            }
            let outcome = stop.isAsked ? "interrupted" : tally.trouble ?? "sent"
            try await audit.end(entry, done: tally.sentCount, outcome: outcome)
        } catch {
            console.endProgress()
            try await audit.end(entry, done: tally.sentCount, outcome: "\(error)")
            throw error
        }
        if stop.isAsked {
            console.note("interrupted: \(tally.sentCount) of \(tally.selected) sent")
            throw CancellationError()
        }
    }

    /// `50` or `50/s`.
    private static func rate(_ arguments: Arguments) throws(CommandError) -> Int {
        guard let text = arguments.value("rate") else { return 50 }
        let number = Int(text.hasSuffix("/s") ? text.dropLast(2) : text[...])
        guard let number, (1...10_000).contains(number) else {
            throw CommandError(
                "--rate is `\(text)`; write how many a second, from 1 to 10000", exit: .usage)
        }
        return number
    }

    /// A message to a queue that is gone would end in another place, as another letter.
    private static func check(_ snapshot: [KeptLetter], _ context: StackContext) async throws {
        let queues = Set(snapshot.map(\.queue))
        let missing = try await DeadQueues.missing(queues, at: try context.broker())
        guard let first = missing.first else { return }
        let count = snapshot.count { missing.contains($0.queue) }
        throw CommandError(
            "the queue \(first) is not there, so nothing was sent; "
                + "\(TimeText.count(count, "letter")) to it stay", exit: .failed,
            try: "millrace topology apply\(context.dataFlag)")
    }
}

/// The wish of a person to end something, after the piece in hand.
private final class Stop: Sendable {
    private let asked = Mutex(false)

    var isAsked: Bool { asked.withLock { $0 } }

    /// Listens to Ctrl-C while `body` runs; the second one ends the process at once.
    func watching(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in StopSignal.stream() {
                    if self.isAsked { exit(ExitCode.interrupted.rawValue) }
                    self.asked.withLock { $0 = true }
                }
                return false
            }
            group.addTask {
                try await body()
                return true
            }
            while try await group.next() == false {}
            group.cancelAll()
        }
    }
}
