import Events
import Foundation
import Pipelines
import Telemetry
import Warehouse

/// Results of checks as records.
enum CheckTable {
    static func table(_ entries: [CheckEntry], for format: OutputFormat) -> Table {
        format == .table ? short(entries) : whole(entries)
    }

    private static func short(_ entries: [CheckEntry]) -> Table {
        var table = Table(
            columns: ["table", "check", .init("outcome", isWhole: true), "found", "checked"])
        let isOnePipeline = Set(entries.map(\.pipeline)).count == 1
        for entry in entries {
            table.add([
                Cell((isOnePipeline ? "" : "\(entry.pipeline).") + entry.table), Cell(entry.check),
                Cell(entry.outcome, style(entry)), Cell(entry.message),
                Cell(TimeText.stamp(entry.checkedAt), .dim),
            ])
        }
        return table
    }

    static func style(_ entry: CheckEntry) -> Style {
        switch entry.outcome {
        case "passed": .good
        case "learning", "held": .dim
        default: entry.severity == .warn ? .warned : .bad
        }
    }

    private static func whole(_ entries: [CheckEntry]) -> Table {
        var table = Table(
            "pipeline", "table", "check", "severity", "scope", "outcome", "passed", "measure",
            "value", "limits", "failing", "rows", "message", "milliseconds", "batch", "checked_at",
            "samples")
        for entry in entries {
            table.add([
                Cell(entry.pipeline), Cell(entry.table), Cell(entry.check),
                Cell(entry.severity.rawValue), Cell(entry.scope?.rawValue), Cell(entry.outcome),
                Cell(entry.passed), Cell(entry.measure), Cell(entry.value), Cell(entry.limits),
                Cell(entry.failing), Cell(entry.rows), Cell(entry.message),
                Cell(entry.milliseconds), Cell(entry.batch?.description),
                Cell(EventJSON.text(of: entry.checkedAt)), Cell(.json(entry.samples)),
            ])
        }
        return table
    }
}
