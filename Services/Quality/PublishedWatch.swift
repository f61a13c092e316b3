import Checks
import Events
import Pipelines
import Telemetry

/// Looks at tables that readers see, and says what got worse and what is right again.
struct PublishedWatch {
    let runner: CheckRunner
    let history: CheckHistory
    let alerts: BatchAlerts
    let metrics: Metrics

    /// Runs the checks and keeps the results.
    ///
    /// - Returns: Alerts about checks that failed and did not fail before, or fail in more rows
    ///   than before, and news of those that pass again.
    func look(
        at target: CheckTarget, _ checks: [Check], isAgain: Bool = false
    ) async throws -> [Event] {
        guard !checks.isEmpty else { return [] }
        let before = try await history.latest(
            pipeline: target.pipeline.name, table: target.name, before: alerts.batch)
        var results = try await runner.run(checks, on: target, batch: alerts.batch).results
        if !isAgain { try await hold(&results, checks, target.pipeline) }
        try await history.record(results, of: target, batch: alerts.batch)
        metrics.count(results)
        return try results.compactMap { try news($0, before[$0.name], target) }
    }

    /// What was found in staging and kept nothing back is told when the batch is published.
    func news(ofStaging target: CheckTarget) async throws -> [Event] {
        let pipeline = target.pipeline.name
        let found = try await history.staged(
            pipeline: pipeline, table: target.name, batch: alerts.batch
        ).values.filter { !$0.isRefusing && $0.name != QualityHandler.balance }
        guard !found.isEmpty else { return [] }
        let before = try await history.latest(
            pipeline: pipeline, table: target.name, before: alerts.batch)
        return try found.sorted { $0.name < $1.name }.compactMap { result in
            // That a batch was refused has been told of in its own words.
            let earlier = before[result.name].flatMap { $0.isRefusing ? nil : $0 }
            return try news(result, earlier, target)
        }
    }

    /// Rows may have referred to what had not been published yet: looks again where that failed.
    func lookAgain(
        atReferencesTo name: String, in pipeline: Pipeline
    ) async throws -> [Event] {
        var events: [Event] = []
        for (target, checks) in pipeline.tables where target.name != name {
            let referring = checks.filter { $0.isOfTable && $0.rule.target == name }
            guard !referring.isEmpty else { continue }
            let before = try await history.latest(
                pipeline: pipeline.name, table: target.name, before: alerts.batch)
            let failing = referring.filter { check in
                before[check.name].map { $0.outcome != .passed } ?? false
            }
            events += try await look(at: target, failing, isAgain: true)
        }
        return events
    }

    private func news(
        _ result: CheckResult, _ before: CheckResult?, _ target: CheckTarget
    ) throws -> Event? {
        switch result.outcome {
        case .held, .learning:
            return nil
        case .passed:
            guard let before, before.outcome.isBad else { return nil }
            // The topic that was told of is the one that ends.
            return try alerts.passesAgain(before, on: target)
        case .failed, .error:
            // The same rows fail after each batch: that is not news.
            let isKnown =
                before?.outcome == result.outcome && before?.severity == result.severity
                && result.failing <= before?.failing ?? 0
            return isKnown ? nil : try alerts.failed(result, on: target)
        }
    }

    /// A reference that fails while its other side is on the way is no alert yet.
    private func hold(
        _ results: inout [CheckResult], _ checks: [Check], _ pipeline: Pipeline
    ) async throws {
        for index in results.indices where results[index].outcome.isBad {
            let check = checks.first { $0.name == results[index].name }
            guard let other = check?.rule.target, pipeline.dataset(other) != nil,
                try await history.isUnderWay(pipeline: pipeline.name, dataset: other)
            else { continue }
            results[index].outcome = .held
        }
    }
}

extension Check.Rule {
    /// The dataset or model that a reference points to.
    fileprivate var target: String? {
        if case .reference(_, let to, _) = self { return to }
        return nil
    }
}

extension Pipeline {
    /// Every table that readers see, with its checks.
    fileprivate var tables: [(CheckTarget, [Check])] {
        datasets.map { (CheckTarget($0, of: self), $0.checks) }
            + models.map { (CheckTarget($0, of: self), $0.checks) }
    }
}

extension Metrics {
    /// Counts checks by how they ended.
    func count(_ results: [CheckResult]) {
        for result in results {
            add(
                to: "millrace_checks_total",
                ["outcome": result.outcome.rawValue, "severity": result.severity.rawValue],
                help: "Checks that were run, by how they ended.")
        }
    }
}
