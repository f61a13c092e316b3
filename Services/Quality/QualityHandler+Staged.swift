import Checks
import Events
import Foundation
import Pipelines

extension QualityHandler {
    /// Looks at a staged batch and approves or refuses it.
    func staged(_ news: BatchStaged, _ event: Event) async throws -> [Event] {
        let facts = news.facts
        let pipeline = try await catalog.pipeline(facts.pipeline, revision: facts.revision)
        let dataset = try pipeline.known(facts.dataset)
        let checks = dataset.checks.filter(\.isOfStaging)
        let decided = try await history.staged(
            pipeline: pipeline.name, table: dataset.name, batch: facts.batch)
        // A redelivery: the staging table may be gone by now, the decision stands.
        if decided[Self.balance] != nil, checks.allSatisfy({ decided[$0.name] != nil }) {
            let results = decided.values.sorted { $0.name < $1.name }
            return try await decision(results, news, event)
        }
        let target = CheckTarget(
            dataset, of: pipeline, staging: news.table, records: facts.counts.read)
        let found = try await runner.run(checks, on: target, batch: facts.batch)
        guard let rows = found.rows, rows > 0 || facts.counts.kept == 0
        else { return [try stageAgain(facts, event)] }
        let results = [balance(facts, rows)] + found.results
        if results.contains(where: \.isRefusing),
            try await runner.rows(of: target) != rows
        {
            throw HandlingError(
                .transient, "quality.staging_changed",
                "the staging table of \(facts.batch) went while it was checked: another delivery "
                    + "of the event was decided")
        }
        try await history.record(results, of: target, batch: facts.batch)
        metrics.count(results)
        return try await decision(results, news, event)
    }

    /// The name of the check that no pipeline has to ask for.
    static let balance = "balance"

    private func decision(
        _ results: [CheckResult], _ news: BatchStaged, _ event: Event
    ) async throws -> [Event] {
        let facts = news.facts
        let failed = results.filter(\.isRefusing)
        if failed.isEmpty {
            var facts = facts
            facts.times[.approved] = Date()
            let approved = BatchApproved(facts: facts, table: news.table)
            return [
                try Event(approved, id: "\(facts.batch).approved", from: source, after: event)
            ]
        }
        let alerts = BatchAlerts(
            pipeline: facts.pipeline, batch: facts.batch, source: source, cause: event)
        let refused = BatchRefused(
            facts: facts, table: news.table, reasons: failed.map { "\($0.name): \($0.message)" })
        return [
            try Event(refused, id: "\(facts.batch).refused", from: source, after: event),
            try alerts.refused(facts, results.filter { $0.severity == .block }),
        ]
    }

    /// Rows in staging are those that went in: none is lost on the way without a word.
    private func balance(_ facts: BatchFacts, _ rows: Int) -> CheckResult {
        let kept = facts.counts.kept
        return CheckResult(
            name: Self.balance, severity: .block, outcome: rows == kept ? .passed : .failed,
            failing: abs(rows - kept),
            message: "\(rows) rows are staged; \(kept) of \(facts.counts.read) records were kept",
            samples: "[]", milliseconds: 0)
    }

    /// Staging tables are not written to the log of the database: after a crash of its server they
    /// are empty. The loader fills the table again from the processed zone.
    private func stageAgain(_ facts: BatchFacts, _ event: Event) throws -> Event {
        try Event(
            BatchTransformed(facts: facts), id: "\(facts.batch).transformed", from: source,
            after: event)
    }
}

extension Check {
    /// Whether it looks at a batch in staging, and quality is who looks.
    var isOfStaging: Bool { scope == .batch && severity != .quarantine && !rule.isClocked }
    /// Whether it looks at what has been published, when that is.
    var isOfTable: Bool { scope == .table && !rule.isClocked }
}
