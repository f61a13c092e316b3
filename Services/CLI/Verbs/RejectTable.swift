import Events
import Warehouse

/// Rejects as records: everything for scripts, what fits a line for people.
enum RejectTable {
    /// - Parameter width: How many columns the terminal has; what people need less gives way.
    static func table(_ rejects: [Reject], for format: OutputFormat, width: Int) -> Table {
        format == .table ? short(rejects, isNarrow: width < 120) : whole(rejects)
    }

    private static func short(_ rejects: [Reject], isNarrow: Bool) -> Table {
        // Messages name their column; what all rejects share says nothing.
        let isOnePipeline = Set(rejects.map(\.pipeline)).count == 1
        let columns: [Table.Column] = [
            .init("reject", isWhole: true), "table", "object", .init("line", isWhole: true),
            .init("reason", isWhole: true), "message",
        ]
        var table = Table(columns: columns + (isNarrow ? [] : ["column"]))
        for reject in rejects {
            let place = isNarrow && isOnePipeline ? "" : "\(reject.pipeline)."
            let cells = [
                Cell(reject.id), Cell(place + reject.dataset),
                Cell(originalName(reject.object)), Cell(reject.line),
                Cell(reject.reason, .warned), Cell(reject.message),
            ]
            table.add(cells + (isNarrow ? [] : [Cell(reject.column)]))
        }
        return table
    }

    private static func whole(_ rejects: [Reject]) -> Table {
        var table = Table(
            "reject", "run", "pipeline", "dataset", "object", "line", "column", "reason",
            "message", "raw", "rejected_at", "stage", "value", "file", "state", "decided_by")
        for reject in rejects {
            table.add([
                Cell(reject.id), Cell(reject.batch.description), Cell(reject.pipeline),
                Cell(reject.dataset), Cell(reject.object), Cell(reject.line),
                Cell(reject.column), Cell(reject.reason), Cell(reject.message), Cell(reject.raw),
                Cell(EventJSON.text(of: reject.rejectedAt)), Cell(reject.stage),
                Cell(reject.value), Cell(reject.file), Cell(reject.state.rawValue),
                Cell(reject.decidedBy),
            ])
        }
        return table
    }

    /// The name that an object's records came under: what follows the id in its own.
    static func originalName(_ object: String) -> String {
        let parts = object.split(separator: "-", maxSplits: 1)
        return parts.count == 2 && ULID(parts[0]) != nil ? String(parts[1]) : object
    }
}
