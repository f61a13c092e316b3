import Pipelines
import Warehouse

/// Compares what a pipeline declares with its tables.
struct DiffSchema: Command {
    let name = "schema diff"
    let summary = "compare a pipeline's columns with its tables"
    let topic = Topic.pipelines
    let positionals = [SchemaLookup.positional]
    let options: [Option] = [
        .value("folder", "DIR", "compare that folder, not the current revision")
    ]
    let details = """
        A column is `extra` that only the table has, `missing` that only the pipeline
        declares, and `other type` where they differ. `millrace schema accept` writes
        the extra columns into the pipeline.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let words = arguments.positionals[0]
        let lookup = try await SchemaLookup(words, folder: arguments.value("folder"), context)
        let differences = lookup.entries.flatMap(SchemaDifference.all)
        console.records(Self.table(differences))
        if console.format == .table {
            let hasExtra = differences.contains { $0.kind == .extra }
            console.note(
                differences.isEmpty
                    ? "the tables are as the pipeline declares them"
                    : hasExtra
                        ? "millrace schema accept \(words) DIR\(context.dataFlag) declares them"
                        : "declare the types that the tables have, or let them be")
        }
        return .done
    }

    static func table(_ differences: [SchemaDifference]) -> Table {
        var table = Table(
            "dataset", .init("column", isWhole: true), "difference", "declared", "warehouse")
        for difference in differences {
            table.add([
                Cell(difference.dataset), Cell(difference.column),
                Cell(difference.kind.rawValue, .warned), Cell(difference.declared),
                Cell(difference.warehouse),
            ])
        }
        return table
    }
}

/// One column that is not the same in a pipeline and in its table.
struct SchemaDifference: Equatable {
    enum Kind: String { case extra, missing, otherType = "other type" }

    let kind: Kind
    let dataset: String
    let column: String
    /// The field that an extra column is read from, where that is known.
    let field: String?
    let declared: String?
    let warehouse: String?

    /// Those of one dataset; none while it has no table.
    static func all(_ entry: SchemaLookup.Entry) -> [SchemaDifference] {
        guard !entry.live.isEmpty else { return [] }
        let dialect = PostgresDialect()
        let known = entry.versions.last?.columns ?? []
        let live = Dictionary(entry.live.map { ($0.name, $0.type) }, uniquingKeysWith: { $1 })
        let declared = entry.dataset.columns.compactMap { column -> SchemaDifference? in
            let type = dialect.type(of: column.type)
            if live[column.name] == type { return nil }
            // Numbers as they were written have room for declared ones.
            if live[column.name] == "numeric", column.type == .decimal { return nil }
            return SchemaDifference(
                kind: live[column.name] == nil ? .missing : .otherType,
                dataset: entry.dataset.name, column: column.name, field: column.field,
                declared: type, warehouse: live[column.name])
        }
        let numbered = entry.dataset.numbersRecords ? [Child.record.name] : []
        let extra = entry.live.filter { column in
            entry.dataset.column(column.name) == nil && !numbered.contains(column.name)
        }.map { column in
            SchemaDifference(
                kind: .extra, dataset: entry.dataset.name, column: column.name,
                field: known.first { $0.name == column.name && $0.origin == .evolved }?.field,
                declared: nil, warehouse: column.type)
        }
        return declared + extra
    }
}
