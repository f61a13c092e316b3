import Checks
import Events
import Foundation
import Pipelines
import Telemetry
import Warehouse

/// Decides whether a staged batch is published, and looks at what has been published.
struct QualityHandler: EventHandler {
    let catalog: PipelineCatalog
    let runner: CheckRunner
    let history: CheckHistory
    let rejects: Rejects
    let open: OpenAlerts
    /// The `source` of the events that it says.
    let source: String
    let metrics: Metrics

    func handle(_ event: Event) async throws -> [Event] {
        switch event.kind {
        case .batchStaged: try await staged(event.payload(), event)
        case .batchPublished: try await published(event.payload(), event)
        case .modelRefreshed: try await refreshed(event.payload(), event)
        case .schemaChanged: [try schemaChanged(event.payload(), event)]
        default: []
        }
    }

    private func published(_ news: BatchPublished, _ event: Event) async throws -> [Event] {
        let facts = news.facts
        let pipeline = try await catalog.pipeline(facts.pipeline, revision: facts.revision)
        let dataset = try pipeline.known(facts.dataset)
        let alerts = BatchAlerts(
            pipeline: pipeline.name, batch: facts.batch, source: source, cause: event)
        let watch = PublishedWatch(
            runner: runner, history: history, alerts: alerts, metrics: metrics)
        let target = CheckTarget(dataset, of: pipeline)
        var events = try await watch.news(ofStaging: target)
        events += try await watch.look(at: target, dataset.checks.filter(\.isOfTable))
        events += try await watch.lookAgain(atReferencesTo: dataset.name, in: pipeline)
        let bounds = BatchBounds(
            rules: pipeline.alertRules(of: dataset.name), alerts: alerts, rejects: rejects,
            open: open)
        events += try await bounds.events(facts)
        let wasRefused = try await history.wasRefused(
            pipeline: pipeline.name, dataset: dataset.name, before: facts.batch)
        if wasRefused { events.append(try alerts.refusalOver(dataset.name)) }
        return events + [try alerts.succeeded(facts, news.counts)]
    }

    private func schemaChanged(_ news: SchemaChanged, _ event: Event) throws -> Event {
        let alerts = BatchAlerts(
            pipeline: news.pipeline, batch: news.batch, source: source, cause: event)
        return try alerts.schemaChanged(news)
    }

    private func refreshed(_ news: ModelRefreshed, _ event: Event) async throws -> [Event] {
        let pipeline = try await catalog.pipeline(news.pipeline, revision: news.revision)
        guard let model = pipeline.model(news.model) else {
            throw HandlingError(
                .permanent, "quality.unknown_model",
                "revision \(news.revision) of \(news.pipeline) has no model \(news.model)")
        }
        let alerts = BatchAlerts(
            pipeline: pipeline.name, batch: news.batch, source: source, cause: event)
        let watch = PublishedWatch(
            runner: runner, history: history, alerts: alerts, metrics: metrics)
        let events = try await watch.look(
            at: CheckTarget(model, of: pipeline), model.checksWithKey.filter(\.isOfTable))
        return events + (try await watch.lookAgain(atReferencesTo: model.name, in: pipeline))
    }
}

extension Pipeline {
    /// The dataset that an event is about.
    func known(_ name: String) throws -> Dataset {
        guard let dataset = dataset(name) else {
            throw HandlingError(
                .permanent, "quality.unknown_dataset", "\(self.name) has no dataset \(name)")
        }
        return dataset
    }
}

extension Model {
    /// Its checks, and that its key names one row.
    fileprivate var checksWithKey: [Check] {
        let rule = Check.Rule.unique(columns: key)
        guard !key.isEmpty, !checks.contains(where: { $0.rule == rule }) else { return checks }
        let name = "unique(\(key.joined(separator: ", ")))"
        return [Check(name: name, rule: rule, severity: .block, scope: .table)] + checks
    }
}
