import Events
import Pipelines
import Postgres
import Warehouse

/// Computes anew the models that a published batch concerns.
struct ModelRefreshing: Sendable {
    let tables: DatasetTables

    /// Refreshes, in their order, the models that read the dataset, directly or through others, as
    /// the pipeline's current revision has them; one whose last refresh saw the batch is left.
    ///
    /// - Returns: What happened: `model.refreshed`, or an alert for a model whose SQL fails. That
    ///   one's table stays as it was, and so do those of the models that read it.
    func refresh(
        after published: BatchPublished, _ event: Event, _ source: String
    ) async throws -> [Event] {
        let facts = published.facts
        let (revision, pipeline) = try await current(facts)
        var failed: Set<String> = []
        var events: [Event] = []
        for step in ModelPlan(pipeline, after: facts.dataset).steps {
            if !failed.isDisjoint(with: step.model.dependsOn) {
                failed.insert(step.model.name)
                continue
            }
            let refresh = ModelRefresh(
                step: step, pipeline: pipeline, revision: revision, published: published,
                tables: tables)
            do {
                events += try await refresh.run(event, source)
            } catch let error as any ClassifiedError where error.disposition == .permanent {
                failed.insert(step.model.name)
                events.append(try refresh.alert(error, event, source))
            }
        }
        return events
    }

    /// Models belong to the pipeline, not to a batch: a late batch of an old revision shall not
    /// bring old SQL back.
    private func current(_ facts: BatchFacts) async throws -> (String, Pipeline) {
        if let current = try await tables.catalog.current(facts.pipeline) {
            return (current.revision, current.pipeline)
        }
        let pipeline = try await tables.catalog.pipeline(
            facts.pipeline, revision: facts.revision)
        return (facts.revision, pipeline)
    }
}
