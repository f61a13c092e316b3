import Events
import Foundation
import Lake
import Pipelines
import Warehouse

/// Lists what there is in lake and warehouse.
struct Catalog: Command {
    let name = "catalog"
    let summary = "list what there is in lake and warehouse"
    let topic = Topic.data
    let positionals = [Positional("PIPELINE[.DATASET]", isRequired: false)]
    let details = """
        Columns, types, days, sizes and ages, as the pipelines, the keys of the lake,
        the ledger and the warehouse's own catalog tell them: no data is read. Numbers
        of rows are the warehouse's estimates.
        """

    func run(_ arguments: Arguments, _ console: Console) async throws -> ExitCode {
        let context = try StackContext(arguments)
        let words =
            arguments.positionals.first?.split(separator: ".", maxSplits: 1)
            .map(String.init) ?? []
        let catalog = try context.catalog()
        let names = try await catalog.names()
        if let wanted = words.first, !names.contains(wanted) {
            throw Self.unknown(wanted, "pipeline", among: names, context)
        }
        let (lake, pool) = (try context.lake(), try context.warehouse())
        var entries: [CatalogEntry] = []
        for name in names where words.isEmpty || words[0] == name {
            guard let (revision, pipeline) = try await catalog.current(name) else { continue }
            let datasets = pipeline.datasets.flatMap { [$0] + $0.tablesOfChildren }
            let tables = datasets.map(\.name) + pipeline.models.map(\.name)
            if words.count == 2, !tables.contains(words[1]) {
                throw Self.unknown(words[1], "dataset or model", among: tables, context)
            }
            entries += try await CatalogReader(
                pipeline: pipeline, revision: revision, lake: lake, pool: pool
            ).entries(words.count == 2 ? words[1] : nil)
        }
        if console.format == .json {
            let lines = try entries.map {
                String(decoding: try EventJSON.encode($0), as: UTF8.self)
            }
            console.line(lines.isEmpty ? "[]" : "[\n\(lines.joined(separator: ",\n"))\n]")
        } else if words.count == 2, console.format == .table, let entry = entries.first {
            console.text(CatalogPage(entry: entry) { console.paint($0, $1) }.text)
        } else {
            console.records(CatalogPage.table(entries, for: console.format))
            if entries.isEmpty, console.format == .table {
                console.note("no pipeline is applied: millrace apply DIR\(context.dataFlag)")
            }
        }
        return .done
    }

    private static func unknown(
        _ word: String, _ what: String, among names: [String], _ context: StackContext
    ) -> CommandError {
        let hint = nearest(to: word, in: names).map { "; did you mean `\($0)`?" } ?? ""
        return CommandError(
            "there is no \(what) `\(word)`\(hint)", exit: .usage,
            try: "millrace catalog\(context.dataFlag)")
    }
}
