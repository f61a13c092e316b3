import Events
import Foundation
import Pipelines
import Postgres

/// What is wrong with runs, as `millrace.runs` shows it: one that failed and was followed by no
/// published one, and one that is under way for too long.
struct RunConditions: Sendable {
    let pool: PostgresPool
    let policy: AlertPolicy

    func look() async throws -> [Condition] {
        let failed = try await pool.query(Self.failed).map(failure)
        var late: [Condition] = []
        for row in try await pool.query(Self.underWay) {
            if let condition = try await lateness(row) { late.append(condition) }
        }
        return failed + late
    }

    private func failure(_ row: PostgresRow) throws -> Condition {
        let (pipeline, dataset) = (try row.text("pipeline"), try row.text("dataset"))
        let batch = try row.text("batch")
        return Condition(
            key: "run_failed:\(pipeline).\(dataset)", topic: "run_failed", severity: .critical,
            pipeline: pipeline, dataset: dataset, batch: batch,
            title: "\(pipeline).\(dataset): a run has failed",
            detail: (row["reasons"] ?? "") + "\nIts event waits as a dead letter.",
            command: "millrace show \(batch)")
    }

    private func lateness(_ row: PostgresRow) async throws -> Condition? {
        let (pipeline, dataset) = (try row.text("pipeline"), try row.text("dataset"))
        let seconds = try row.integer("seconds")
        let rules = try await policy.rules(pipeline, dataset)
        let bound = rules.backlog ?? AlertRules.usualBacklog
        guard seconds > bound else { return nil }
        let batch = try row.text("batch")
        return Condition(
            key: "backlog:\(pipeline).\(dataset)", topic: "backlog", severity: .warning,
            pipeline: pipeline, dataset: dataset, batch: batch,
            title: "\(pipeline).\(dataset): a run is under way for longer than \(bound) s",
            detail: "It is \(try row.text("state")); \(try row.text("runs")) runs of the dataset "
                + "are under way.",
            command: "millrace show \(batch)")
    }

    private static let failed = """
        select distinct on (pipeline, dataset) pipeline, dataset, batch,
            array_to_string(reasons, E'\\n') as reasons
        from millrace.runs as f
        where state = 'failed' and updated_at > now() - interval '30 days' and not exists (
            select from millrace.runs as p
            where p.pipeline = f.pipeline and p.dataset = f.dataset and p.state = 'published'
                and p.updated_at > f.updated_at)
        order by pipeline, dataset, updated_at desc
        """

    /// The oldest run of each dataset that has no end yet.
    private static let underWay = """
        select distinct on (pipeline, dataset) pipeline, dataset, batch, state,
            extract(epoch from now() - started_at)::bigint as seconds,
            count(*) over (partition by pipeline, dataset) as runs
        from millrace.runs
        where state in ('transformed', 'staged', 'approved')
            and started_at > now() - interval '30 days'
        order by pipeline, dataset, started_at
        """
}
