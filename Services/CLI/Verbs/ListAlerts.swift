import Foundation
import Warehouse

/// Lists what is wrong now.
struct ListAlerts: Command {
    let name = "alerts"
    let summary = "list what is wrong, and who was told"
    let topic = Topic.trouble
    let options: [Option] = [
        .flag("all", "also what is over"),
        .value("since", "TIME", "raised or over since: 30m, 2h, 7d, a date; with --all"),
        .value("pipeline", "NAME", "only about that pipeline"),
        .value("topic", "TOPIC", "only of that topic"),
        .value("limit", "N", "at most so many lines; 100 by default"),
    ]
    let details = """
        One line for each thing that is wrong, the worst first; raised again and again
        it stays one line. `told` counts the subscribers that a notice was sent to.

          active     whoever subscribed is told
          silenced   by `silence add`
          inhibited  its dataset or a service is down, which is told
          muted      in the weekly times that its pipeline names
          resolved   over
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        var filter = AlertFilter()
        filter.since = try Since.read(arguments)
        filter.isAll = arguments.flag("all") || filter.since != nil
        filter.pipeline = arguments.value("pipeline")
        filter.topic = arguments.value("topic")
        filter.limit = try arguments.integer("limit", default: 100, in: 1...100_000)
        let alerts = try await AlertStates(context.warehouse()).list(filter)
        console.records(AlertTable.table(alerts, for: console.format))
        guard console.format == .table else { return .done }
        if let alert = alerts.first {
            console.note("millrace alerts show \(Table.clean(alert.id))\(context.dataFlag)")
        } else {
            console.note(filter.isAll ? "no alerts" : "no open alerts; --all for what is over")
        }
        return .done
    }
}

/// Shows one alert: what happened, what holds it back, what to type.
struct ShowAlert: Command {
    let name = "alerts show"
    let summary = "show an alert and what was said about it before"
    let topic = Topic.trouble
    let positionals = [Positional("ALERT")]
    let details = "ALERT is an id that `alerts` shows, or its first letters."

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let states = AlertStates(try context.warehouse())
        let id = arguments.positionals[0]
        let found = try await states.find(id)
        guard let alert = found.first else {
            throw CommandError(
                "there is no alert `\(id)`", try: "millrace alerts --all\(context.dataFlag)")
        }
        guard found.count == 1 || alert.id == id else {
            throw CommandError("several alerts begin with `\(id)`; type more of it", exit: .usage)
        }
        guard console.format == .table else {
            console.records(AlertTable.table([alert], for: console.format))
            return .done
        }
        show(alert, try await states.history(of: alert.key), console)
        return .done
    }

    private func show(_ alert: AlertState, _ history: [AlertState], _ console: Console) {
        let state = AlertTable.state(alert)
        console.line(
            "\(Table.clean(alert.title))  \(console.paint(alert.held ?? state.text, state.style))")
        let facts = [
            ("alert", alert.id), ("what", "\(alert.severity) \(alert.topic), key \(alert.key)"),
            ("run", alert.batch), ("owner", alert.owner),
            ("raised", TimeText.stamp(alert.raisedAt)),
            ("over", alert.resolvedAt.map(TimeText.stamp)),
            ("told", TimeText.count(alert.told, "subscriber")),
        ]
        for (name, value) in facts {
            guard let value else { continue }
            let padded = name.padding(toLength: 8, withPad: " ", startingAt: 0)
            console.line("  \(console.paint(padded, .dim))  \(Table.clean(value))")
        }
        if !alert.detail.isEmpty {
            console.line("\n" + Table.clean(alert.detail, keepsLines: true))
        }
        if let command = alert.command { console.line("\n  \(Table.clean(command))") }
        guard history.count > 1 else { return }
        console.line("\n" + console.paint("said about it", .strong))
        for item in history {
            console.line(
                "  \(TimeText.stamp(item.raisedAt))  \(item.kind)  \(Table.clean(item.title))")
        }
    }
}
