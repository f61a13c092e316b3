import Warehouse

/// What a replay tells when it is over.
struct ReplayReport {
    let context: StackContext
    let console: Console
    /// Letters that were sent too often already.
    let refused: [KeptLetter]

    /// There is none to send.
    func nothing() throws -> ExitCode {
        guard refused.isEmpty else { throw tooOften }
        console.records(table([]))
        if console.format == .table { console.note("no dead letters are meant by that") }
        return .done
    }

    func dryRun(_ tally: ReplayTally) -> ExitCode {
        console.records(table(tally.counts))
        tellRefused()
        if console.format == .table {
            console.note("\(TimeText.count(tally.selected, "letter")) would be sent")
        }
        return .done
    }

    /// - Throws: `CommandError` when something came back or gave no answer.
    func conclude(_ tally: ReplayTally) throws -> ExitCode {
        console.records(table(tally.counts))
        tellRefused()
        let counts = tally.counts.map(\.count)
        func sum(_ number: (ReplayTally.Count) -> Int) -> String {
            TimeText.grouped(counts.reduce(0) { $0 + number($1) })
        }
        if console.format == .table {
            console.note(
                "sent \(sum(\.sent)) · resolved \(sum(\.resolved)) · came back "
                    + "\(sum(\.returned)) · under way \(sum(\.open)) · left \(sum(\.left))")
        }
        let returned = counts.first { $0.returned > 0 }
        if let letter = returned?.lastReturn {
            throw CommandError(
                "it came back: \(letter.errorMessage); "
                    + "\(sum(\.left)) were not sent and stay as they are",
                try: "millrace dead show \(letter.id)\(context.dataFlag)")
        }
        if counts.contains(where: { $0.canary == .silent }) {
            throw CommandError(
                "no answer from a canary yet: its service or the notifier is busy or away; "
                    + "\(sum(\.left)) were not sent", exit: .transient,
                try: "millrace status\(context.dataFlag)")
        }
        return .done
    }

    private func table(_ counts: [(group: ReplayTally.Group, count: ReplayTally.Count)]) -> Table {
        var table = Table(
            "service", "error_class", "pipeline", "selected", "sent", "resolved", "came_back",
            "left", "trouble")
        for (group, count) in counts {
            table.add([
                Cell(group.service), Cell(group.errorClass), Cell(group.pipeline),
                Cell(count.selected), Cell(count.sent),
                Cell(count.resolved, count.resolved > 0 ? .good : .plain),
                Cell(count.returned, count.returned > 0 ? .bad : .plain), Cell(count.left),
                Cell(count.trouble, .bad),
            ])
        }
        return table
    }

    private func tellRefused() {
        guard !refused.isEmpty, console.format == .table else { return }
        console.note(tooOften.message)
    }

    private var tooOften: CommandError {
        CommandError(
            "\(TimeText.count(refused.count, "letter")) came back from "
                + "\(Replay.usualReplays) replays already and stay, e.g. "
                + "\(refused.first?.id ?? ""); --force sends them all the same",
            try: "millrace dead show \(refused.first?.id ?? "EVENT")\(context.dataFlag)")
    }
}

extension ReplayTally {
    /// The first trouble of any group, for the audit.
    var trouble: String? { counts.lazy.compactMap { $0.count.trouble }.first }
}
