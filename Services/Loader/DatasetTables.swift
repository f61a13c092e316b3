import Events
import Pipelines
import Postgres
import Warehouse

/// What the parts of a loader share: the pipelines, the warehouse, and its dialect.
struct DatasetTables: Sendable {
    let catalog: PipelineCatalog
    let dialect: any WarehouseDialect
    let pool: PostgresPool

    /// The table of a batch's dataset, as the batch's revision of the pipeline and its data want
    /// it.
    func schema(of facts: BatchFacts) async throws -> TableSchema {
        let (dataset, pipeline) = try await located(facts)
        var schema = TableSchema(dataset, of: pipeline, evolved: facts.evolved ?? [])
        schema.isReplay = facts.replay != nil
        return schema
    }

    private func located(
        _ facts: BatchFacts
    ) async throws -> (dataset: Dataset, pipeline: Pipeline) {
        let pipeline = try await catalog.pipeline(facts.pipeline, revision: facts.revision)
        guard let dataset = pipeline.dataset(facts.dataset) else {
            throw HandlingError(
                .permanent, "loader.unknown_dataset",
                "revision \(facts.revision) of pipeline \(facts.pipeline) has no dataset "
                    + facts.dataset)
        }
        return (dataset, pipeline)
    }

    /// A batch's pipeline, as the batch's revision has it.
    func pipeline(of facts: BatchFacts) async throws -> Pipeline {
        try await located(facts).pipeline
    }

    /// Makes the tables of the datasets that are asked which rows to set aside.
    func prepareReferences(of facts: BatchFacts) async throws {
        let (dataset, pipeline) = try await located(facts)
        for check in dataset.checks where check.severity == .quarantine {
            for to in check.rule.tables where to != dataset.name {
                guard let other = pipeline.owner(of: to), other.name != dataset.name else {
                    continue
                }
                let cause = SchemaCause(
                    pipeline: pipeline.name, dataset: other.name, revision: facts.revision)
                try await prepare(TableSchema(other, of: pipeline), for: cause)
            }
        }
    }

    /// A batch's dataset, as the batch's revision has it.
    func dataset(of facts: BatchFacts) async throws -> Dataset {
        try await located(facts).dataset
    }

    /// Makes the table and those of its children, or widens them, in a transaction of its own: a
    /// long COPY shall not hold the locks of that.
    func prepare(_ schema: TableSchema, for cause: SchemaCause) async throws {
        // Columns that come from the data come with the first of it.
        if schema.columns.isEmpty { return }
        for child in schema.children {
            var cause = cause
            cause.dataset = child.schema.table.name
            try await prepare(child.schema, for: cause)
        }
        let table = DatasetTable(schema, dialect: dialect)
        try await pool.transaction(retries: TransactionRetries()) {
            try await table.prepare($0, for: cause)
        }
    }

    /// Gives a staged batch's columns and the table's the same types, whatever other batches have
    /// asked for since it was staged. Call it in the transaction that reads the staging table.
    ///
    /// - Returns: The schema with the columns that other batches have brought.
    @discardableResult
    func agree(
        _ staging: TableName, _ schema: TableSchema, for facts: BatchFacts,
        _ connection: PostgresConnection
    ) async throws -> TableSchema {
        let table = DatasetTable(schema, dialect: dialect)
        if facts.evolved != nil {
            try await table.prepare(connection, for: SchemaCause(facts))
        }
        return try await table.align(staging, for: SchemaCause(facts), connection)
    }
}

extension SchemaCause {
    /// A batch.
    init(_ facts: BatchFacts) {
        self.init(
            pipeline: facts.pipeline, dataset: facts.dataset, revision: facts.revision,
            batch: facts.batch)
    }
}

extension Check.Rule {
    /// The other tables that it asks.
    fileprivate var tables: [String] {
        switch self {
        case .reference(_, let to, _): [to]
        case .sql(let query): SQLTemplate(query).names
        default: []
        }
    }
}
