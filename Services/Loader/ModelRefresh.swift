import Events
import Pipelines
import Postgres
import Warehouse

/// One refresh of one model for one batch: a transaction under the model's lock.
struct ModelRefresh: Sendable {
    let step: ModelPlan.Step
    let pipeline: Pipeline
    let revision: String
    let published: BatchPublished
    let tables: DatasetTables

    private var model: Model { step.model }
    private var table: TableName { TableName(pipeline.schema, model.name) }
    private var batch: ULID { published.facts.batch }
    private var alertKey: String { "model:\(pipeline.name).\(model.name)" }

    /// Refreshes the model unless it is fresh.
    ///
    /// - Returns: `model.refreshed`, also where an earlier try for the same batch has done it; and
    ///   the end of an alert about it.
    func run(_ event: Event, _ source: String) async throws -> [Event] {
        for name in model.dependsOn {
            guard let dataset = pipeline.owner(of: name) else { continue }
            let cause = SchemaCause(
                pipeline: pipeline.name, dataset: dataset.name, revision: revision)
            try await tables.prepare(TableSchema(dataset, of: pipeline), for: cause)
        }
        let outcome = try await tables.pool.transaction(retries: TransactionRetries()) {
            connection in
            try await SystemSchema.lock(connection, alertKey)
            return try await refresh(connection)
        }
        guard let outcome else { return [] }
        let id = "\(batch).\(model.name).refreshed"
        var events = [try Event(outcome, id: id, from: source, after: event)]
        if try await hasOpenAlert() {
            events.append(try Event(resolution, from: source, after: event))
        }
        return events
    }

    /// What a person should know of a model that cannot be computed.
    func alert(_ error: any ClassifiedError, _ event: Event, _ source: String) throws -> Event {
        let alert = AlertRaised(
            key: alertKey, topic: "model_failed", severity: .critical, pipeline: pipeline.name,
            dataset: model.name, batch: batch,
            title: "model \(pipeline.name).\(model.name) could not be refreshed",
            detail: "\(explanation(of: error))\nIts table stays as it was.",
            command: "millrace show \(batch)")
        return try Event(
            alert, id: "\(batch).\(model.name).failed", from: source, after: event)
    }

    /// Nil when the model is fresh and another batch has told so.
    private func refresh(_ connection: PostgresConnection) async throws -> ModelRefreshed? {
        let models = model.dependsOn.filter { pipeline.model($0) != nil }
        let record = try await ModelRecord.read(
            table, of: pipeline.name, reading: models, batch: batch, connection)
        if let record, isFresh(record) {
            return record.batch == batch.description
                ? outcome(rows: record.rows, milliseconds: record.milliseconds) : nil
        }
        let start = try await ModelRecord.Start(connection)
        let clock = ContinuousClock()
        let began = clock.now
        let rows = try await ModelTable(table: table, key: model.key)
            .replace(by: try pipeline.warehouseSQL(model.sql), connection)
        let milliseconds = Int((clock.now - began) / .milliseconds(1))
        let outcome = outcome(rows: rows, milliseconds: milliseconds)
        try await ModelRecord.write(outcome, start, connection)
        return outcome
    }

    private func isFresh(_ record: ModelRecord) -> Bool {
        // An extract without rows may have emptied its table.
        let mayEmpty = pipeline.dataset(published.facts.dataset)?.load.mode == .replace
        let isUntouched =
            !step.isConcerned || (published.counts.published == 0 && !mayEmpty)
        return record.isThere && record.revision == revision && record.sawModels
            && (isUntouched || record.sawBatch)
    }

    private func outcome(rows: Int, milliseconds: Int) -> ModelRefreshed {
        ModelRefreshed(
            pipeline: pipeline.name, revision: revision, model: model.name, batch: batch,
            rows: rows, milliseconds: milliseconds)
    }

    private func hasOpenAlert() async throws -> Bool {
        let sql = """
            select from millrace.alerts
            where key = $1 and kind = 'raised' and resolved_at is null limit 1
            """
        return try await !tables.pool.query(sql, [alertKey]).isEmpty
    }

    private var resolution: AlertResolved {
        AlertResolved(
            key: alertKey, topic: "model_failed", pipeline: pipeline.name, dataset: model.name,
            title: "model \(pipeline.name).\(model.name) is refreshed again")
    }

    private func explanation(of error: any ClassifiedError) -> String {
        let key = model.key.joined(separator: ", ")
        switch (error as? PostgresError)?.sqlState {
        case "23505": return "Its SQL gives several rows for one key (\(key))."
        case "23502": return "Its SQL gives a row with a null in its key (\(key))."
        case "2BP01":
            let detail = (error as? PostgresError)?.detail ?? ""
            return "Its columns have changed, and others depend on its table: \(detail)"
        default: return "Its SQL fails: \(error.description)"
        }
    }
}
