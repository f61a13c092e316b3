import Events
import Pipelines
import Postgres
import Warehouse

/// What the parts of a loader share: the pipelines, the warehouse, and its dialect.
struct DatasetTables: Sendable {
    let catalog: PipelineCatalog
    let dialect: any WarehouseDialect
    let pool: PostgresPool

    /// The table of a batch's dataset, as the batch's revision of the pipeline wants it.
    func schema(of facts: BatchFacts) async throws -> TableSchema {
        let (dataset, pipeline) = try await located(facts)
        return TableSchema(dataset, of: pipeline)
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

    /// A batch's dataset, as the batch's revision has it.
    func dataset(of facts: BatchFacts) async throws -> Dataset {
        try await located(facts).dataset
    }

    /// Makes the table, or widens it, in a transaction of its own: a long COPY shall not hold the
    /// locks of that.
    func prepare(_ schema: TableSchema) async throws {
        let table = DatasetTable(schema, dialect: dialect)
        try await pool.transaction(retries: TransactionRetries()) { try await table.prepare($0) }
    }
}
