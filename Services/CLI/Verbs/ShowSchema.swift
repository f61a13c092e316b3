import Events
import Pipelines
import Warehouse

/// Shows the columns of datasets' tables, and what brought each.
struct ShowSchema: Command {
    let name = "schema show"
    let summary = "show the columns of tables and since when"
    let topic = Topic.pipelines
    let positionals = [SchemaLookup.positional]
    let details = """
        Each version of a table's schema is kept: `since` is the version that gave a
        column its type, `from` the file whose data asked for it. What is `evolved`
        was brought by data under the dataset's contract, the rest is declared.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let lookup = try await SchemaLookup(arguments.positionals[0], context)
        console.records(Self.table(lookup.entries, for: console.format))
        if console.format == .table {
            console.note(
                "millrace schema diff \(arguments.positionals[0])\(context.dataFlag) compares "
                    + "them with the pipeline")
        }
        return .done
    }

    static func table(_ entries: [SchemaLookup.Entry], for format: OutputFormat) -> Table {
        var table = Table(
            "dataset", .init("column", isWhole: true), "type", "origin", "since", "from", "at")
        for entry in entries {
            for column in entry.live {
                let version = first(column.name, of: entry.versions)
                let known = entry.versions.last?.columns.first { $0.name == column.name }
                let origin = known?.origin.rawValue ?? "foreign"
                table.add([
                    Cell(entry.dataset.name), Cell(column.name), Cell(column.type),
                    Cell(origin, known?.origin == .evolved ? .warned : .plain),
                    Cell(version?.version), Cell(version?.object),
                    Cell(version.map { EventJSON.text(of: $0.changedAt) }),
                ])
            }
        }
        return table
    }

    /// The version since which a column is what it is.
    private static func first(_ name: String, of versions: [SchemaVersion]) -> SchemaVersion? {
        func described(_ version: SchemaVersion) -> SchemaVersion.Column? {
            version.columns.first { $0.name == name }
        }
        guard let last = versions.last.flatMap(described) else { return nil }
        return versions.reversed().prefix { described($0)?.type == last.type }.last
    }
}
