import Events
import Foundation
import Telemetry
import Warehouse

/// An object's way as a page for people.
struct ObjectTracePage {
    let object: TracedObject
    let dataFlag: String
    let paint: (String, Style) -> String

    var text: String {
        let name = paint(Table.clean(object.object), .strong)
        let table = "\(object.pipeline).\(object.dataset)"
        let state = object.state
        let style: Style = state == "published" ? .good : .warned
        let lines = ["\(name)  \(table)  \(paint(state, style))"] + bytes + run + rows + rejects
        return (lines + raw).joined(separator: "\n") + "\n"
    }

    private func line(_ name: String, _ value: String) -> String {
        "  \(name.padding(toLength: 10, withPad: " ", startingAt: 0))\(value)"
    }

    private var bytes: [String] {
        guard let entry = object.entry else { return [] }
        let digest = entry.sha256.map { ", sha256 \($0)" } ?? ""
        return [line("bytes", "\(TimeText.grouped(entry.bytes))\(digest)")]
    }

    private var run: [String] {
        guard let entry = object.entry else {
            guard let run = object.run else { return [] }
            return [
                line("run", "\(run.batch)  \(run.outcome)"), line("revision", run.revision),
            ] + run.reasons.map { line("", Table.clean($0)) }
        }
        let replay = object.run?.replayOf.map { ", a replay of \($0)" } ?? ""
        var lines = [
            line(
                "run",
                "\(entry.batch)  published \(TimeText.stamp(entry.committedAt)) UTC\(replay)"),
            line("revision", entry.revision),
            line("counts", Self.sum(entry.counts)),
        ]
        if let batch = entry.replacedBy { lines.append(line("replaced", "by run \(batch)")) }
        return lines
    }

    private var rows: [String] {
        guard let entry = object.entry, entry.replacedBy == nil else { return [] }
        let keys = object.keys.map { Table.clean($0) }.joined(separator: "; ")
        let more = object.rows > object.keys.count ? "; …" : ""
        return [
            line(
                "rows",
                TimeText.grouped(object.rows) + (keys.isEmpty ? "" : ": \(keys)\(more)")
                    + paint("  _source_id \(entry.sourceID)", .dim))
        ]
    }

    private var rejects: [String] {
        guard !object.rejects.isEmpty, let run = object.entry?.batch ?? object.run?.batch else {
            return []
        }
        let counts = object.rejects.map { "\($0.reason) \(TimeText.grouped($0.count))" }
        return [
            line("rejects", counts.joined(separator: ", ")),
            line(
                "", paint("millrace rejects list --run \(run)\(dataFlag)", .dim)),
        ]
    }

    private var raw: [String] {
        [line("raw", object.rawKey ?? "gone from the lake")]
    }

    private static func sum(_ counts: Counts) -> String {
        "read \(TimeText.grouped(counts.read)) = published \(TimeText.grouped(counts.published)) "
            + "+ superseded \(TimeText.grouped(counts.superseded)) + filtered "
            + "\(TimeText.grouped(counts.filtered)) + rejected \(TimeText.grouped(counts.rejected))"
    }
}

extension TracedObject {
    /// The same for scripts.
    static func table(_ objects: [TracedObject]) -> Table {
        var table = Table(
            "object", "pipeline", "dataset", "state", "source_id", "name", "bytes", "sha256",
            "run", "revision", "replaced_by", "read", "published", "superseded", "filtered",
            "rejected", "rows", "keys", "rejects", "raw_object")
        for object in objects {
            let entry = object.entry
            let keys = object.keys.map(JSONString.quoted).joined(separator: ", ")
            let rejects = object.rejects.map { "\(JSONString.quoted($0.reason)): \($0.count)" }
            table.add([
                Cell(object.object), Cell(object.pipeline), Cell(object.dataset),
                Cell(object.state), Cell(entry?.sourceID), Cell(entry?.name), Cell(entry?.bytes),
                Cell(entry?.sha256), Cell((entry?.batch ?? object.run?.batch)?.description),
                Cell(entry?.revision ?? object.run?.revision),
                Cell(entry?.replacedBy?.description), Cell(entry?.counts.read),
                Cell(entry?.counts.published), Cell(entry?.counts.superseded),
                Cell(entry?.counts.filtered), Cell(entry?.counts.rejected), Cell(object.rows),
                Cell(.json("[\(keys)]")),
                Cell(.json("{\(rejects.joined(separator: ", "))}")), Cell(object.rawKey),
            ])
        }
        return table
    }
}
