import Events
import Foundation
import Telemetry
import Warehouse

/// Runs as records: everything for scripts, what fits a line for people.
enum RunTable {
    /// - Parameter width: How many columns the terminal has; what people need less gives way.
    static func table(_ runs: [Run], for format: OutputFormat, width: Int) -> Table {
        format == .table ? short(runs, width) : whole(runs)
    }

    /// The letters of a run's id that are shown: its time, and enough of the rest.
    static func shortID(_ run: Run) -> String { String(run.batch.description.prefix(14)) }

    /// As many letters of each id as tell these runs apart: those of its time, and a few more.
    private static func letters(telling runs: [Run]) -> Int {
        let ids = Set(runs.map(\.batch.description))
        return (10..<14).first { count in Set(ids.map { $0.prefix(count) }).count == ids.count }
            ?? 14
    }

    /// What a run's outcome looks like.
    static func style(_ run: Run) -> Style {
        switch run.state {
        case .published: run.isRejected ? .bad : .good
        case .refused, .failed: .bad
        case .transformed, .staged, .approved: .warned
        }
    }

    private static func short(_ runs: [Run], _ width: Int) -> Table {
        let isNarrow = width < 96
        let hasFiltered = runs.contains { $0.counts.filtered > 0 }
        let optional: [(column: Table.Column, isShown: Bool, cell: (Run) -> Cell)] = [
            ("filtered", hasFiltered, { Cell($0.counts.filtered) }),
            (
                .init("latency", isWhole: true), !(isNarrow && hasFiltered),
                { Cell($0.latency.map(TimeText.seconds)) }
            ),
            ("started", width >= 120, { Cell(TimeText.stamp($0.startedAt), .dim) }),
        ]
        let shown = optional.filter(\.isShown)
        let fixed: [Table.Column] = [
            .init("run", isWhole: true), "table", .init("state", isWhole: true), "read",
            "published", "superseded", "rejected",
        ]
        var table = Table(columns: fixed + shown.map(\.column))
        let letters = letters(telling: runs)
        // What all runs share says nothing; on a narrow line it gives way.
        let isOnePipeline = Set(runs.map(\.pipeline)).count == 1
        for run in runs {
            let place = isNarrow && isOnePipeline ? "" : "\(run.pipeline)."
            let cells = [
                Cell(String(run.batch.description.prefix(letters))), Cell(place + run.dataset),
                Cell(run.outcome, style(run)), Cell(run.counts.read),
                Cell(run.counts.published), Cell(run.counts.superseded),
                Cell(run.counts.rejected, run.counts.rejected > 0 ? .warned : .plain),
            ]
            table.add(cells + shown.map { $0.cell(run) })
        }
        return table
    }

    private static func whole(_ runs: [Run]) -> Table {
        var table = Table(
            "run", "pipeline", "dataset", "state", "read", "published", "superseded", "filtered",
            "rejected", "objects", "revision", "started_at", "updated_at", "latency_seconds",
            "reasons")
        for run in runs {
            table.add([
                Cell(run.batch.description), Cell(run.pipeline), Cell(run.dataset),
                Cell(run.outcome), Cell(run.counts.read), Cell(run.counts.published),
                Cell(run.counts.superseded), Cell(run.counts.filtered),
                Cell(run.counts.rejected), Cell(run.objects), Cell(run.revision),
                Cell(EventJSON.text(of: run.startedAt)), Cell(EventJSON.text(of: run.updatedAt)),
                Cell(run.latency.map(milliseconds)), Cell(.json(Self.list(run.reasons))),
            ])
        }
        return table
    }

    /// Digits behind the milliseconds are the clock's noise.
    private static func milliseconds(_ seconds: Double) -> Double {
        (seconds * 1000).rounded() / 1000
    }

    private static func list(_ texts: [String]) -> String {
        "[" + texts.map(JSONString.quoted).joined(separator: ", ") + "]"
    }
}

extension Run {
    /// Seconds from the arrival of its first object until readers saw it.
    var latency: Double? {
        guard let arrived = times[.arrived], let published = times[.published] else { return nil }
        return published.timeIntervalSince(arrived)
    }
}
