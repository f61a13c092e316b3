import Foundation
import Pipelines
import Warehouse

/// Declares in a pipeline's folder the columns that evolution has added to its tables.
struct AcceptSchema: Command {
    let name = "schema accept"
    let summary = "declare the columns that data has brought"
    let topic = Topic.pipelines
    let positionals = [SchemaLookup.positional, Positional("DIR", completion: .folders)]
    let options: [Option] = [.flag("dry-run", "print what it would write, and write nothing")]
    let details = """
        The columns that a contract with `evolve` has added to the tables are written
        into DIR/pipeline.yaml behind the others of their dataset, with the types that
        they have; all else in the file stays as it is. The folder is linted, and the
        file is as it was where that finds a mistake. `millrace apply` makes it current.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let folder = arguments.positionals[1]
        let lookup = try await SchemaLookup(arguments.positionals[0], folder: folder, context)
        let differences = lookup.entries.flatMap(SchemaDifference.all)
        let added = differences.filter { $0.declaration != nil }
        console.records(Self.table(added))
        tell(differences, console)
        guard !added.isEmpty else { return .done }
        let file = URL(filePath: folder).appending(path: PipelineFolder.fileName)
        let before = try Data(contentsOf: file)
        let after = try text(of: added, in: String(decoding: before, as: UTF8.self), folder)
        if arguments.flag("dry-run") {
            console.note("nothing is written; leave --dry-run out to write \(file.path)")
            return .done
        }
        try Data(after.utf8).write(to: file, options: .atomic)
        let report = PipelineFolder.read(folder).report
        guard report.errors == 0 else {
            try before.write(to: file, options: .atomic)
            throw CommandError(
                "\(file.path) would have mistakes, and is as it was:\n"
                    + report.text(colour: false), try: "millrace lint \(folder)")
        }
        console.note("\(file.path) is written; millrace apply \(folder)\(context.dataFlag)")
        return .done
    }

    private func text(
        of added: [SchemaDifference], in text: String, _ folder: String
    ) throws -> String {
        var text = text
        for (dataset, columns) in Dictionary(grouping: added, by: \.dataset) {
            guard
                let edited = ColumnInsertion.adding(
                    columns.compactMap(\.declaration), to: dataset, in: text)
            else {
                throw CommandError(
                    "the columns of `\(dataset)` in \(folder)/\(PipelineFolder.fileName) stand "
                        + "where none can be added; add those above by hand",
                    exit: .usage, try: "millrace lint \(folder)")
            }
            text = edited
        }
        return text
    }

    /// What it leaves to the author.
    private func tell(_ differences: [SchemaDifference], _ console: Console) {
        guard console.format == .table else { return }
        for difference in differences where difference.kind == .otherType {
            let (table, folder) = (difference.warehouse ?? "", difference.declared ?? "")
            console.note(
                "\(difference.dataset).\(difference.column) is \(table) in the warehouse and "
                    + "\(folder) in the folder: change it by hand")
        }
        if !differences.contains(where: { $0.declaration != nil }) {
            console.note("data has brought no column that is not declared")
        }
    }

    static func table(_ differences: [SchemaDifference]) -> Table {
        var table = Table("dataset", .init("column", isWhole: true), "type", "field", "yaml")
        for difference in differences {
            guard let column = difference.declaration else { continue }
            table.add([
                Cell(difference.dataset), Cell(column.name), Cell(column.type.rawValue),
                Cell(column.field), Cell(column.yaml),
            ])
        }
        return table
    }
}

extension SchemaDifference {
    /// How to declare a column that data has brought; nil for every other difference.
    var declaration: ColumnInsertion.Declaration? {
        guard kind == .extra, let field else { return nil }
        let dialect = PostgresDialect()
        let type =
            warehouse == "numeric"
            ? .decimal : ColumnType.allCases.first { dialect.type(of: $0) == warehouse }
        return type.map { ColumnInsertion.Declaration(name: column, field: field, type: $0) }
    }
}
