import Events
import Foundation
import Postgres
import Warehouse

/// Everything that is known of one run, as `show --format json` prints it.
struct RunStory: Encodable {
    let run: Run
    let objects: [LedgerEntry]
    let rejects: [RejectCount]
    let checks: [CheckEntry]
    /// What became of the elements of its records.
    let children: [ChildBalance]

    /// How many records a reason has stopped.
    struct RejectCount: Encodable {
        let reason: String
        let count: Int
    }

    init(_ run: Run, _ warehouse: PostgresPool) async throws {
        self.run = run
        objects = try await Ledger(warehouse).entries(of: run.batch)
        rejects = try await Rejects(warehouse).reasons(batch: run.batch)
            .map { RejectCount(reason: $0.reason, count: $0.count) }
        checks = try await CheckResults(warehouse).of(batch: run.batch)
        children = try await Ledger(warehouse).children(of: run.batch)
    }

    private enum Keys: String, CodingKey {
        case run, pipeline, dataset, state, revision, read, published, superseded, filtered
        case rejected, balanced, times, reasons, objects, rejects, checks, children
        case startedAt = "started_at"
        case updatedAt = "updated_at"
        case latencySeconds = "latency_seconds"
        case replayOf = "replay_of"
    }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Keys.self)
        try fields.encode(run.batch, forKey: .run)
        try fields.encode(run.pipeline, forKey: .pipeline)
        try fields.encode(run.dataset, forKey: .dataset)
        try fields.encode(run.outcome, forKey: .state)
        try fields.encode(run.revision, forKey: .revision)
        try encodeCounts(&fields)
        try fields.encode(run.times, forKey: .times)
        try fields.encode(run.reasons, forKey: .reasons)
        try fields.encode(run.startedAt, forKey: .startedAt)
        try fields.encode(run.updatedAt, forKey: .updatedAt)
        try fields.encode(run.latency, forKey: .latencySeconds)
        try fields.encodeIfPresent(run.replayOf, forKey: .replayOf)
        try fields.encode(objects, forKey: .objects)
        try fields.encode(rejects, forKey: .rejects)
        try fields.encode(checks, forKey: .checks)
        if !children.isEmpty { try fields.encode(children, forKey: .children) }
    }

    private func encodeCounts(_ fields: inout KeyedEncodingContainer<Keys>) throws {
        try fields.encode(run.counts.read, forKey: .read)
        try fields.encode(run.counts.published, forKey: .published)
        try fields.encode(run.counts.superseded, forKey: .superseded)
        try fields.encode(run.counts.filtered, forKey: .filtered)
        try fields.encode(run.counts.rejected, forKey: .rejected)
        try fields.encode(run.counts.isBalanced, forKey: .balanced)
    }
}
