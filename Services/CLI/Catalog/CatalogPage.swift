import Events
import Foundation

/// What the catalog knows, for people.
struct CatalogPage {
    let entry: CatalogEntry
    let paint: (String, Style) -> String

    /// All entries: everything for scripts, what fits a line for people.
    static func table(_ entries: [CatalogEntry], for format: OutputFormat) -> Table {
        format == .table ? short(entries) : whole(entries)
    }

    private static func short(_ entries: [CatalogEntry]) -> Table {
        var table = Table(
            .init("table", isWhole: true), "kind", "rows", "table_bytes", "lake_bytes", "days",
            .init("published_at", isWhole: true))
        for entry in entries {
            let bytes = entry.zones.reduce(0) { $0 + $1.bytes }
            table.add([
                Cell("\(entry.pipeline).\(entry.name)"), Cell(entry.kind.rawValue, .dim),
                Cell(entry.rows), Cell(entry.tableBytes), Cell(entry.zones.isEmpty ? nil : bytes),
                Cell(entry.zone("processed")?.partitions.count),
                Cell(entry.publishedAt.map(TimeText.stamp)),
            ])
        }
        return table
    }

    private static func whole(_ entries: [CatalogEntry]) -> Table {
        var table = Table(
            "table", "kind", "columns", "rows", "table_bytes", "landing", "working", "processed",
            "processed_bytes", "days", "published_at")
        for entry in entries {
            let processed = entry.zone("processed")
            table.add([
                Cell("\(entry.pipeline).\(entry.name)"), Cell(entry.kind.rawValue),
                Cell(entry.columns.count), Cell(entry.rows), Cell(entry.tableBytes),
                Cell(entry.zone("landing")?.objects), Cell(entry.zone("working")?.objects),
                Cell(processed?.objects), Cell(processed?.bytes), Cell(processed?.partitions.count),
                Cell(entry.publishedAt.map(EventJSON.text(of:))),
            ])
        }
        return table
    }

    /// One entry whole.
    var text: String {
        let head = paint("\(entry.pipeline).\(entry.name)", .strong) + "  \(entry.kind.rawValue)"
        let lines = [head + paint("  revision \(entry.revision)", .dim)] + facts
        return lines.joined(separator: "\n") + "\n\n" + columns.text(width: 100)
            + (days.rows.isEmpty ? "" : "\n" + days.text(width: 100))
    }

    private var facts: [String] {
        let size = entry.tableBytes.map { ", \(TimeText.grouped($0)) bytes" } ?? ""
        let rows = entry.rows.map { "about \(TimeText.count($0, "row"))\(size)" } ?? "not there yet"
        let facts: [(String, String?)] = [
            ("table", "\(entry.table)  \(rows)"), ("load", entry.load),
            ("schedule", entry.schedule),
            ("published", entry.publishedAt.map { "\(TimeText.stamp($0)) UTC" }),
        ]
        return facts.compactMap { name, value in
            value.map { "  \(name.padding(toLength: 10, withPad: " ", startingAt: 0))\($0)" }
        }
    }

    private var columns: Table {
        var table = Table("column", "type", "warehouse", "required")
        for column in entry.columns {
            table.add([
                Cell(column.name), Cell(column.type), Cell(column.warehouse), Cell(column.required),
            ])
        }
        return table
    }

    private var days: Table {
        var table = Table("zone", "date", "objects", "bytes")
        for zone in entry.zones {
            for day in zone.partitions {
                table.add([Cell(zone.zone), Cell(day.date), Cell(day.objects), Cell(day.bytes)])
            }
        }
        return table
    }
}
