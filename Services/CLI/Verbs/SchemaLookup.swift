import Pipelines
import Postgres
import Warehouse

/// What the verbs about schemas are asked about: a pipeline, or one of its datasets.
struct SchemaLookup {
    /// One dataset: as it is declared, and as its table is.
    struct Entry {
        let dataset: Dataset
        let table: TableName
        /// The table's columns in their order; empty where there is no table yet.
        let live: [TableColumn]
        /// The first first.
        let versions: [SchemaVersion]
    }

    let pipeline: Pipeline
    let entries: [Entry]

    static let positional = Positional("PIPELINE[.DATASET]")

    /// - Parameters:
    ///   - words: `PIPELINE` or `PIPELINE.DATASET`.
    ///   - folder: Where the pipeline is read from; nil for its current revision.
    /// - Throws: `CommandError` when there is no such pipeline or dataset.
    init(_ words: String, folder: String? = nil, _ context: StackContext) async throws {
        let parts = words.split(separator: ".", maxSplits: 1).map(String.init)
        let name = parts.first ?? ""
        let pipeline = try await Self.pipeline(name, folder: folder, context)
        let all = pipeline.datasets.flatMap { [$0] + $0.tablesOfChildren }
        let datasets = all.filter { parts.count < 2 || $0.name == parts[1] }
        guard !datasets.isEmpty else {
            let near = nearest(to: parts[1], in: all.map(\.name))
            throw CommandError(
                "\(name) has no dataset `\(parts[1])`"
                    + (near.map { "; did you mean `\($0)`?" } ?? ""),
                exit: .usage, try: "millrace schema show \(name)\(context.dataFlag)")
        }
        let warehouse = try context.warehouse()
        self.pipeline = pipeline
        entries = try await warehouse.with { connection in
            var entries: [Entry] = []
            for dataset in datasets {
                let table = TableName(pipeline.schema, dataset.name)
                entries.append(
                    Entry(
                        dataset: dataset, table: table,
                        live: try await SchemaVersions.columns(of: table, connection),
                        versions: try await SchemaVersions.list(
                            pipeline.name, dataset.name, connection)))
            }
            return entries
        }
    }

    private static func pipeline(
        _ name: String, folder: String?, _ context: StackContext
    ) async throws -> Pipeline {
        guard let folder else {
            let catalog = try context.catalog()
            if let current = try await catalog.current(name) { return current.pipeline }
            let near = nearest(to: name, in: try await catalog.names())
            throw CommandError(
                "no pipeline `\(name)` has been applied"
                    + (near.map { "; did you mean `\($0)`?" } ?? ""),
                exit: .usage, try: "millrace apply DIR\(context.dataFlag)")
        }
        let (pipeline, report) = PipelineFolder.read(folder)
        guard let pipeline, report.errors == 0, pipeline.name == name else {
            throw CommandError(
                "\(folder) is not the folder of a pipeline `\(name)` without mistakes",
                exit: .usage, try: "millrace lint \(folder)")
        }
        return pipeline
    }
}
