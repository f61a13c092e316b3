import Events
import Lake
import Postgres
import Service
import Telemetry
import Warehouse

/// What a loader does with each kind of event.
struct Loading: EventHandler {
    let gate: SchemaGate
    let staging: Staging
    let publishing: Publishing
    let refreshing: ModelRefreshing
    let context: ServiceContext

    func handle(_ event: Event) async throws -> [Event] {
        try await gate.pass()
        switch event.kind {
        case .batchTransformed:
            let facts = try event.payload(BatchTransformed.self).facts
            let events = try await following(facts) {
                try await stage(facts, event) + (try await schemaNews(facts, event))
            }
            if !events.contains(where: { $0.kind == .batchStaged }) { try await end(facts) }
            return events
        case .batchApproved:
            let facts = try event.payload(BatchApproved.self).facts
            let events = try await following(facts) {
                try await publish(facts, event) + (try await schemaNews(facts, event))
            }
            try await end(facts)
            return events
        case .batchRefused:
            let refusal = try event.payload(BatchRefused.self)
            try await refuse(refusal)
            try await end(refusal.facts)
            return []
        case .batchPublished:
            return try await refreshing.refresh(after: try event.payload(), event, context.source)
        default:
            throw HandlingError(
                .poison, "event.kind", "the loader has no use for \(event.kind.rawValue)")
        }
    }

    private func stage(_ facts: BatchFacts, _ event: Event) async throws -> [Event] {
        switch try await staging.stage(facts) {
        case .staged(let facts, let table):
            let staged = BatchStaged(facts: facts, table: table.name)
            return [try say(staged, "\(facts.batch).staged", event)]
        case .empty(let facts):
            return try say(try await publishing.publish(facts), facts, event)
        case .over(let run):
            return try say(run, facts, event)
        }
    }

    private func publish(_ facts: BatchFacts, _ event: Event) async throws -> [Event] {
        let run: Run
        do {
            run = try await publishing.publish(facts)
        } catch is Publishing.StagingLost {
            context.log.warning("staging table lost, staged again", ["batch": "\(facts.batch)"])
            // The same Parquet gives the same rows: what was approved still holds.
            _ = try await staging.stage(facts, again: true)
            run = try await publishing.publish(facts)
        }
        return try say(run, facts, event)
    }

    /// What a batch has changed about its table: said again each time, with the same ids.
    private func schemaNews(_ facts: BatchFacts, _ event: Event) async throws -> [Event] {
        guard facts.evolved != nil else { return [] }
        let versions = try await publishing.tables.pool.with {
            try await SchemaVersions.of(facts.batch, $0)
        }
        return try versions.filter { $0.version > 1 && $0.isEvolution }.map { version in
            let news = SchemaChanged(
                pipeline: version.pipeline, revision: version.revision, dataset: version.dataset,
                version: version.version, changes: version.changes,
                changesTypes: version.changesTypes, batch: facts.batch, object: version.object,
                changedAt: version.changedAt)
            return try say(news, "\(facts.batch).schema.\(version.version)", event)
        }
    }

    private func refuse(_ refusal: BatchRefused) async throws {
        let run = Run(
            refusal.facts, state: .refused, counts: refusal.facts.counts, reasons: refusal.reasons)
        let table = TableName(TableName.stagingSchema, refusal.table)
        try await publishing.tables.pool.transaction(retries: TransactionRetries()) {
            connection in
            try await Staging.lock(refusal.facts.batch, connection)
            try await Runs.record(run, connection)
            try await connection.execute("drop table if exists \(table.sql)")
        }
    }

    /// What there is to say of a run that came to its end. Who was refused by a check hears it
    /// again, under the same ids.
    private func say(_ run: Run, _ facts: BatchFacts, _ event: Event) throws -> [Event] {
        if run.state == .refused {
            return try Refusal.events(of: run, facts, event, context.source)
        }
        let published = BatchPublished(
            facts: facts.done(.published, at: run.times[.published]), counts: run.counts)
        return [try say(published, "\(facts.batch).published", event)]
    }

    private func say(_ payload: some EventData, _ id: String, _ event: Event) throws -> Event {
        try Event(payload, id: id, from: context.source, after: event)
    }

    /// Does what is to be done for a batch; a failure for good is written into its run.
    private func following(
        _ facts: BatchFacts, _ body: () async throws -> [Event]
    ) async throws -> [Event] {
        do {
            return try await body()
        } catch let error as any ClassifiedError where error.disposition == .permanent {
            let run = Run(
                facts, state: .failed, counts: facts.counts, reasons: [error.description])
            try await publishing.tables.pool.transaction(retries: TransactionRetries()) {
                try await Runs.record(run, $0)
            }
            try await end(facts)
            throw error
        }
    }

    /// Makes way for the next run of a scheduled pipeline.
    private func end(_ facts: BatchFacts) async throws {
        guard facts.due != nil else { return }
        try await RunMarks(lake: staging.feed.lake).end(facts.pipeline, facts.batch)
    }
}
