import Engine
import Events
import Foundation
import Telemetry
import Warehouse

/// A row's way as a page for people.
struct RowTracePage {
    let row: TracedRow
    let table: TracedTable
    let dataFlag: String
    let paint: (String, Style) -> String

    var text: String {
        let lines =
            [paint(table.name, .strong) + "  " + Table.clean(row.row)]
            + entry + run + processed + raw
            + row.gaps.map { "  " + paint("! ", .warned) + $0 }
        return lines.joined(separator: "\n") + "\n"
    }

    private func line(_ name: String, _ value: String) -> String {
        "  \(name.padding(toLength: 10, withPad: " ", startingAt: 0))\(value)"
    }

    private var entry: [String] {
        guard let entry = row.entry else { return [line("_source_id", "\(row.sourceID)")] }
        var lines = [
            line(
                "object",
                "\(Table.clean(entry.object))  \(TimeText.grouped(entry.bytes)) bytes"
                    + paint("  _source_id \(row.sourceID)", .dim)),
            line("file", Table.clean(entry.name)),
        ]
        if let digest = entry.sha256 { lines.append(line("sha256", digest)) }
        let times = row.object?.times ?? [:]
        let steps = [Step.arrived, .captured, .landed].compactMap { step in
            times[step].map { "\(step.rawValue) \(TimeText.stamp($0))" }
        }
        if !steps.isEmpty { lines.append(line("came", steps.joined(separator: ", ") + " UTC")) }
        return lines
    }

    private var run: [String] {
        guard let entry = row.entry else { return [] }
        let replay = row.run?.replayOf.map { ", a replay of \($0)" } ?? ""
        return [
            line(
                "run",
                "\(entry.batch)  published \(TimeText.stamp(entry.committedAt)) UTC\(replay)"),
            line("revision", entry.revision),
        ]
    }

    private var processed: [String] {
        guard let processed = row.processed else { return [] }
        let lines = row.lines.map(String.init).joined(separator: " or ")
        return [line("parquet", processed)]
            + (lines.isEmpty ? [] : [line("line", lines)])
    }

    private var raw: [String] {
        guard let key = row.rawKey else { return [] }
        let records = row.records.map { record in
            line("", "\(record.line): \(Table.clean(record.text))")
        }
        let note =
            row.records.count > 1
            ? [line("", paint("one of these: records before it span lines", .dim))] : []
        return [line("raw", key)] + records + note
    }
}

extension TracedRow {
    /// The same for scripts.
    static func table(_ rows: [TracedRow]) -> Table {
        var table = Table(
            "row", "source_id", "object", "name", "bytes", "sha256", "run", "revision",
            "published_at", "replay_of", "arrived_at", "landed_at", "processed", "lines",
            "raw_object", "raw", "gaps")
        for row in rows {
            let entry = row.entry
            func time(_ step: Step) -> Cell {
                Cell(row.object?.times[step].map(EventJSON.text(of:)))
            }
            table.add([
                Cell(.json(row.row)), Cell(row.sourceID), Cell(entry?.object), Cell(entry?.name),
                Cell(entry?.bytes), Cell(entry?.sha256), Cell(entry?.batch.description),
                Cell(entry?.revision), Cell(entry.map { EventJSON.text(of: $0.committedAt) }),
                Cell(row.run?.replayOf?.description), time(.arrived), time(.landed),
                Cell(row.processed), Cell(.json(list(row.lines.map(String.init)))),
                Cell(row.rawKey),
                Cell(
                    .json(
                        list(
                            row.records.map {
                                "{\"line\": \($0.line), \"text\": \(JSONString.quoted($0.text))}"
                            }))),
                Cell(.json(list(row.gaps.map(JSONString.quoted)))),
            ])
        }
        return table
    }

    private static func list(_ items: [String]) -> String {
        "[\(items.joined(separator: ", "))]"
    }
}
