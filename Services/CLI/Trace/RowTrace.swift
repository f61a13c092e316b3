import Engine
import Events
import Lake
import Pipelines
import Postgres
import Stack
import Warehouse

/// A row of the warehouse, and the way that it came.
struct TracedRow {
    /// The row as JSON.
    let row: String
    let sourceID: Int
    /// Nil where the ledger has no such entry.
    var entry: LedgerEntry?
    var run: Run?
    /// What the batch was made of, from its manifest.
    var object: BatchObject?
    var processed: String?
    /// `_line` of the row in its Parquet; more than one where equal rows cannot be told apart.
    var lines: [Int] = []
    /// Where the raw object lies.
    var rawKey: String?
    var records: [RawRecord] = []
    /// What could not be found out, and why.
    var gaps: [String] = []
}

/// Follows rows of a table back to the lines that they came from.
struct RowTrace {
    private let context: StackContext
    private let table: TracedTable
    private let limit: Int
    private let pool: PostgresPool

    init(_ context: StackContext, _ table: TracedTable, limit: Int) throws {
        self.context = context
        self.table = table
        self.limit = limit
        pool = try context.warehouse()
    }

    /// The rows with these values, each with its way.
    ///
    /// - Throws: `CommandError` when there is none.
    func rows(_ conditions: [(column: String, value: String)]) async throws -> [TracedRow] {
        let found = try await select(conditions)
        let words = conditions.map { "\($0.column)=\($0.value)" }.joined(separator: " ")
        guard !found.isEmpty else {
            throw CommandError(
                "no row of \(table.name) has \(words)",
                try: "millrace rejects list --pipeline \(table.pipeline.name) --dataset "
                    + "\(table.dataset.name)\(context.dataFlag)")
        }
        var rows: [TracedRow] = []
        for row in found { rows.append(try await trace(row)) }
        return rows
    }

    private func select(
        _ conditions: [(column: String, value: String)]
    ) async throws -> [PostgresRow] {
        let tests = conditions.enumerated().map {
            "_traced.\(quotedIdentifier($0.element.column)) = $\($0.offset + 1)"
        }
        let columns = table.dataset.columns.map { column in
            "_own.\(quotedIdentifier(column.name))::text as \(quotedIdentifier(column.name))"
        }
        let sql = """
            select \(columns.joined(separator: ", ")), _traced._source_id,
                (to_jsonb(_traced) - '_source_id')::text as _row
            from \(table.sql) where \(tests.joined(separator: " and "))
            order by _traced._source_id limit \(limit)
            """
        do {
            return try await pool.transaction { connection in
                try await QueryWarehouse.restrict(connection, seconds: 60)
                try await connection.execute("set local timezone = 'UTC'")
                return try await connection.query(sql, conditions.map(\.value))
            }
        } catch let error as PostgresError where error.sqlState?.hasPrefix("22") == true {
            throw CommandError("\(table.name): \(error.message)", exit: .usage)
        } catch let error as PostgresError where error.sqlState?.hasPrefix("42") == true {
            throw CommandError(
                "\(table.name) is not in the warehouse as the pipeline has it: \(error.message)",
                try: "millrace runs --pipeline \(table.pipeline.name)\(context.dataFlag)")
        }
    }

    private func trace(_ row: PostgresRow) async throws -> TracedRow {
        var traced = TracedRow(
            row: try row.text("_row"), sourceID: try row.integer("_source_id"))
        guard let entry = try await Ledger(pool).entry(traced.sourceID) else {
            traced.gaps.append("the ledger has no entry \(traced.sourceID)")
            return traced
        }
        traced.entry = entry
        traced.run = try await Runs(pool).run(of: entry.batch)
        let manifest = LakeKeys.manifest(entry.pipeline, entry.dataset, batch: entry.batch)
        let lake = try context.lake()
        guard let facts = try await lake.facts(at: manifest),
            let index = facts.objects.firstIndex(where: { $0.name == entry.object })
        else {
            traced.gaps.append("the lake has no manifest of the batch (\(manifest))")
            return traced
        }
        traced.object = facts.objects[index]
        traced.processed = facts.processed
        traced.rawKey = try await lake.rawKeys(of: facts)[index]
        try await find(row, index, facts.evolved ?? [], &traced, lake)
        return traced
    }

    /// The row's line in the batch's Parquet, and the raw record there.
    private func find(
        _ row: PostgresRow, _ index: Int, _ evolved: [EvolvedColumn], _ traced: inout TracedRow,
        _ lake: any ObjectStore
    ) async throws {
        guard let entry = traced.entry, let processed = traced.processed,
            try await lake.info(processed) != nil
        else {
            traced.gaps.append("the batch's Parquet is gone, so the line is not known")
            return
        }
        guard let engine = context.addresses.engine else {
            traced.gaps.append("the engine was not found, so the line is not known: make setup")
            return
        }
        let dataset = try await context.catalog()
            .pipeline(entry.pipeline, revision: entry.revision).dataset(entry.dataset)
        guard let dataset else { return }
        do {
            traced.lines = try await ParquetRows(program: engine).lines(
                of: values(row, dataset, evolved), object: index, in: lake.location(of: processed))
        } catch let error as EngineError {
            traced.gaps.append("the line is not known: \(error)")
        }
        try await read(&traced, dataset, entry, lake)
    }

    /// Those that tell the row: of its key, or all that compare well.
    private func values(
        _ row: PostgresRow, _ dataset: Dataset, _ evolved: [EvolvedColumn]
    ) -> [(column: Column, value: String?)] {
        let key = dataset.load.key
        let telling = dataset.columns.filter {
            key.isEmpty ? $0.type != .json : key.contains($0.name)
        }
        // A column that was added to the table later is not in the Parquet's revision.
        return telling.filter { row.columns.contains($0.name) }.map { column in
            var column = column
            if let wider = evolved.first(where: { $0.name == column.name }) {
                column.type = wider.type.flatMap(ColumnType.init) ?? .text
            }
            return (column, row[column.name])
        }
    }

    private func read(
        _ traced: inout TracedRow, _ dataset: Dataset, _ entry: LedgerEntry,
        _ lake: any ObjectStore
    ) async throws {
        guard let key = traced.rawKey else {
            traced.gaps.append("the raw object is gone from the working zone")
            return
        }
        guard !dataset.isPersonal, !table.dataset.isPersonal else {
            traced.gaps.append("the raw record is not shown: the dataset has personal data")
            return
        }
        guard traced.lines.count == 1, let line = traced.lines.first else { return }
        let object = InputObject(name: entry.name, location: lake.location(of: key))
        do {
            traced.records = try await RawRecords(dataset, object).records(at: line)
        } catch let error as EngineError {
            traced.gaps.append("the raw record cannot be read: \(error)")
        }
    }
}
