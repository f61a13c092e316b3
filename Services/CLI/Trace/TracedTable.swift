import Pipelines
import Postgres
import Warehouse

/// The dataset, or a child of one, whose row is to be traced.
struct TracedTable {
    let pipeline: Pipeline
    let dataset: Dataset
    /// Nil for a row of the dataset's own table.
    var child: ChildTable?

    var name: String { "\(pipeline.name).\(child?.schema.table.name ?? dataset.name)" }
    /// The columns that tell a row.
    var columns: [Column] { child?.schema.columns ?? dataset.columns }

    /// Its rows as `_traced`, and the records' rows as `_own`: the same in a dataset's own table.
    var sql: String {
        let records = pipeline.qualifiedTable(dataset.name)
        guard let child else { return "\(records) as _traced, lateral (select _traced.*) as _own" }
        let link = child.link(to: TableSchema(dataset, of: pipeline)).map(quotedIdentifier)
        let joined = link.map { "_own.\($0) = _traced.\($0)" }.joined(separator: " and ")
        return "\(child.schema.table.sql) as _traced join \(records) as _own on \(joined)"
    }

    /// The dataset that a word names as `PIPELINE.DATASET`; nil when the word may be an object.
    ///
    /// - Parameter hasValues: Values of columns follow, so that it must be a dataset.
    static func find(
        _ word: String, hasValues: Bool, _ context: StackContext
    ) async throws -> TracedTable? {
        let parts = word.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        let catalog = try context.catalog()
        guard parts.count == 2, let current = try await catalog.current(parts[0]) else {
            guard hasValues else { return nil }
            let names = try await catalog.names()
            let near = nearest(to: parts[0], in: names).map { "; did you mean `\($0)`?" } ?? ""
            throw CommandError(
                "`\(word)` is no PIPELINE.DATASET that is applied\(near)", exit: .usage,
                try: "millrace catalog\(context.dataFlag)")
        }
        if let dataset = current.pipeline.dataset(parts[1]) {
            return TracedTable(pipeline: current.pipeline, dataset: dataset)
        }
        if let (dataset, child) = current.pipeline.child(parts[1]) {
            let schema = TableSchema(dataset, of: current.pipeline)
            return TracedTable(
                pipeline: current.pipeline, dataset: dataset,
                child: schema.children.first { $0.name == child.name })
        }
        guard hasValues else { return nil }
        let names = current.pipeline.datasets.flatMap { [$0] + $0.tablesOfChildren }.map(\.name)
        let near = nearest(to: parts[1], in: names).map { "; did you mean `\($0)`?" } ?? ""
        throw CommandError(
            "\(parts[0]) has no dataset `\(parts[1])`\(near)", exit: .usage,
            try: "millrace catalog \(parts[0])\(context.dataFlag)")
    }

    /// Reads `column=value` words.
    func conditions(
        _ words: [String], _ context: StackContext
    ) throws(CommandError) -> [(column: String, value: String)] {
        let example = dataset.load.key.first ?? columns.first?.name ?? "column"
        let call = "millrace trace \(name) \(example)=VALUE\(context.dataFlag)"
        guard !words.isEmpty else {
            throw CommandError("which row of \(name)?", exit: .usage, try: call)
        }
        var conditions: [(column: String, value: String)] = []
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw CommandError("`\(word)` is no column=value", exit: .usage, try: call)
            }
            let columns = columns.map(\.name) + ["_source_id"]
            guard columns.contains(String(parts[0])) else {
                let near = nearest(to: String(parts[0]), in: columns)
                let hint = near.map { "; did you mean `\($0)`?" } ?? ""
                throw CommandError(
                    "\(name) has no column `\(parts[0])`\(hint)", exit: .usage, try: call)
            }
            conditions.append((String(parts[0]), String(parts[1])))
        }
        return conditions
    }
}
