import Events
import Foundation
import Pipelines
import Postgres
import Telemetry

/// What pipelines say about their alerts: put into an alert before it is kept.
struct AlertPolicy: Sendable {
    /// Nil where the notifier does not know the lake: alerts are then as they were raised.
    let catalog: PipelineCatalog?
    var log: Log?

    /// What holds for alerts about a dataset. An alert matters more than what is said about it:
    /// while the lake is away, nothing is.
    func rules(_ pipeline: String, _ subject: String) async throws -> AlertRules {
        guard let catalog, pipeline != "_" else { return AlertRules() }
        do {
            let current = try await catalog.current(pipeline)
            return current?.pipeline.alertRules(of: subject) ?? AlertRules()
        } catch let error as any ClassifiedError {
            log?.warning(
                "what a pipeline says about its alerts cannot be read",
                ["pipeline": pipeline, "error": "\(error)"])
            return AlertRules()
        }
    }

    /// The alert with the severity, owner and mute times that its pipeline wants.
    func apply(to alert: Alert) async throws -> Alert {
        guard alert.kind == .raised else { return alert }
        let rules = try await rules(alert.pipeline, alert.dataset)
        var alert = alert
        alert.severity = rules.severities?[alert.topic] ?? alert.severity
        alert.owner = rules.owner
        let mutes = (rules.mutes ?? []).filter { $0.topics?.contains(alert.topic) ?? true }
        if !mutes.isEmpty {
            alert.mutes = String(decoding: try EventJSON.encode(mutes), as: UTF8.self)
        }
        alert.isForNamed = alert.topic == "run_succeeded" && rules.runSucceeded != true
        return alert
    }
}
