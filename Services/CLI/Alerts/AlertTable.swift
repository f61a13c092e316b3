import Events
import Foundation
import Warehouse

/// Alerts and silences as records.
enum AlertTable {
    static func table(_ alerts: [AlertState], for format: OutputFormat) -> Table {
        format == .table ? short(alerts) : whole(alerts)
    }

    private static func short(_ alerts: [AlertState]) -> Table {
        var table = Table(
            .init("alert", isWhole: true), "state", "severity", "topic", "table", "age", "times",
            "told", "title")
        for alert in alerts {
            table.add([
                Cell(alert.id), state(alert), severity(alert), Cell(alert.topic),
                Cell("\(alert.pipeline).\(alert.dataset)"), Cell(age(of: alert.raisedAt), .dim),
                Cell(alert.times), Cell(alert.told), Cell(alert.title),
            ])
        }
        return table
    }

    private static func whole(_ alerts: [AlertState]) -> Table {
        var table = Table(
            "alert", "state", "held", "kind", "key", "topic", "severity", "pipeline", "dataset",
            "run", "title", "detail", "command", "owner", "raised_at", "resolved_at", "times",
            "told")
        for alert in alerts {
            table.add([
                Cell(alert.id), Cell(alert.state), Cell(alert.held), Cell(alert.kind),
                Cell(alert.key), Cell(alert.topic), Cell(alert.severity), Cell(alert.pipeline),
                Cell(alert.dataset), Cell(alert.batch), Cell(alert.title), Cell(alert.detail),
                Cell(alert.command), Cell(alert.owner),
                Cell(EventJSON.text(of: alert.raisedAt)),
                Cell(alert.resolvedAt.map(EventJSON.text)), Cell(alert.times), Cell(alert.told),
            ])
        }
        return table
    }

    static func table(_ silences: [Silence], for format: OutputFormat) -> Table {
        var table = Table(
            .init("silence", isWhole: true), "state", "matchers", "starts_at", "ends_at", "who",
            "comment")
        for silence in silences {
            let (start, end) =
                format == .table
                ? (TimeText.stamp(silence.startsAt), TimeText.stamp(silence.endsAt))
                : (EventJSON.text(of: silence.startsAt), EventJSON.text(of: silence.endsAt))
            let matchers = silence.matchers.map(\.text).joined(separator: " ")
            let isActive = silence.state() == "active"
            table.add([
                Cell(silence.id), Cell(silence.state(), isActive ? .warned : .dim),
                Cell(matchers), Cell(start, .dim), Cell(end, .dim), Cell(silence.who),
                Cell(silence.comment),
            ])
        }
        return table
    }

    static func state(_ alert: AlertState) -> Cell {
        switch alert.state {
        case "active": Cell(alert.state, .bad)
        case "resolved": Cell(alert.state, .good)
        default: Cell(alert.state, .dim)
        }
    }

    private static func severity(_ alert: AlertState) -> Cell {
        switch alert.severity {
        case "critical": Cell(alert.severity, .bad)
        case "warning": Cell(alert.severity, .warned)
        default: Cell(alert.severity)
        }
    }

    /// `42 s`, `12 min`, `3 h`, `5 d`.
    static func age(of date: Date, now: Date = Date()) -> String {
        let seconds = max(0, Int(now.timeIntervalSince(date)))
        switch seconds {
        case ..<120: return "\(seconds) s"
        case ..<7_200: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3_600) h"
        default: return "\(seconds / 86_400) d"
        }
    }
}
