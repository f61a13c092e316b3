import Events
import Foundation
import Pipelines
import Postgres
import Warehouse

/// What a published batch says about its dataset beside its checks: rejects, contract, latency.
/// Each is raised when it is out of its bounds and over with the next batch that is within.
struct BatchBounds {
    let rules: AlertRules
    let alerts: BatchAlerts
    let rejects: Rejects
    let open: OpenAlerts

    func events(_ facts: BatchFacts) async throws -> [Event] {
        let news = [
            ("rejects_over", try await rejectsOver(facts)),
            ("contract_broken", try alerts.contractBroken(facts)),
            ("latency_slo", try latency(facts)),
        ]
        let raised = news.compactMap { $0.1 }
        let quiet = news.filter { $0.1 == nil }.map { alerts.key($0.0, facts.dataset) }
        for event in raised { open.note(try event.payload(AlertRaised.self).key) }
        let over = try await open.among(quiet)
        return try raised
            + quiet.filter(over.contains).map { try alerts.over($0, facts.dataset) }
    }

    /// Nil while the rejects of the batch and of the day are within their bounds.
    func rejectsOver(_ facts: BatchFacts) async throws -> Event? {
        let counts = facts.counts
        let isRefused = facts.objects.contains { $0.refusal != nil }
        let allowed = rules.rejectsOver.map { $0.allows(counts.rejected, of: counts.read) }
        let isOver = !(allowed ?? (counts.rejected == 0 && !isRefused))
        var ofDay: Int?
        if let bound = rules.rejectsOverDay, counts.rejected > 0 {
            let count = try await rejects.ofLastDay(facts.pipeline, facts.dataset)
            if count > bound { ofDay = count }
        }
        guard isOver || ofDay != nil else { return nil }
        // Nothing is asked of the warehouse for the many batches without rejects.
        let reasons =
            counts.rejected > 0 ? try await rejects.reasons(batch: facts.batch) : []
        return try alerts.rejects(facts, reasons: reasons, ofDay: ofDay)
    }

    private func latency(_ facts: BatchFacts) throws -> Event? {
        guard let bound = rules.latencySLO, let published = facts.times[.published],
            let arrived = facts.objects.compactMap({ $0.times[.arrived] }).min()
        else { return nil }
        let seconds = published.timeIntervalSince(arrived)
        guard seconds > Double(bound) else { return nil }
        return try alerts.late(facts, seconds: seconds, bound: bound)
    }
}
