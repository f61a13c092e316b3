import Checks
import Foundation
import Pipelines
import Postgres
import Warehouse

/// Checks of tables that readers see, now, and what they found.
struct PublishedChecks {
    let pool: PostgresPool
    let timeLimit: Duration

    /// What is found is kept.
    func run(_ tables: [(CheckTarget, [Check])]) async throws -> [CheckEntry] {
        let runner = CheckRunner(pool: pool, timeLimit: timeLimit)
        let history = CheckHistory(pool: pool)
        let kept = CheckResults(pool)
        var entries: [CheckEntry] = []
        for (target, checks) in tables {
            let isBatchwise: (Check) -> Bool = { $0.rule.isAboutBatches && $0.scope == .batch }
            let now = checks.filter { !isBatchwise($0) && !$0.rule.isClocked }
            var results = try await runner.run(now, on: target).results
            results += try await fresh(checks, target)
            try await history.record(results, of: target, batch: nil)
            let order = Dictionary(
                checks.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { $1 })
            var found = results.map { CheckEntry($0, target) }
            let names = Set(checks.filter(isBatchwise).map(\.name))
            if !names.isEmpty {
                let latest = try await kept.latest(
                    pipeline: target.pipeline.name, table: target.name)
                found += latest.filter { names.contains($0.check) }
                found += names.subtracting(latest.map(\.check))
                    .map { CheckEntry.unseen($0, target) }
            }
            entries += found.sorted { order[$0.check] ?? 0 < order[$1.check] ?? 0 }
        }
        return entries
    }

    private func fresh(_ checks: [Check], _ target: CheckTarget) async throws -> [CheckResult] {
        var results: [CheckResult] = []
        for check in checks {
            guard case .freshness(let rule) = check.rule else { continue }
            let verdict = try await pool.transaction { connection in
                let arrival = try await ArrivalReader(target).read(rule, connection)
                let rows = try await connection.query(
                    """
                    select extract(epoch from since) as since from millrace.freshness
                    where pipeline = $1 and "table" = $2 and check_name = $3
                    """, [target.pipeline.name, target.name, check.name])
                let since = rows.first?["since"].flatMap(Double.init)
                    .map(Date.init(timeIntervalSince1970:))
                let now = Date()
                return FreshnessVerdict(rule, arrival, since: since ?? now, now: now)
            }
            results.append(CheckResult(check, verdict))
        }
        return results
    }
}

extension CheckEntry {
    init(_ result: CheckResult, _ target: CheckTarget) {
        self.init(
            pipeline: target.pipeline.name, table: target.name, check: result.name,
            severity: result.severity, scope: target.scope, outcome: result.outcome.rawValue,
            failing: result.failing, measure: result.measurement?.name,
            value: result.measurement?.value, limits: result.measurement?.limits,
            rows: result.measurement?.rows, message: result.message, samples: result.samples,
            milliseconds: result.milliseconds, checkedAt: Date())
    }

    /// A check of batches that has seen none.
    fileprivate static func unseen(_ check: String, _ target: CheckTarget) -> CheckEntry {
        CheckEntry(
            pipeline: target.pipeline.name, table: target.name, check: check, severity: .warn,
            scope: .batch, outcome: CheckResult.Outcome.learning.rawValue, failing: 0,
            message: "no batch has been looked at yet", milliseconds: 0, checkedAt: Date())
    }
}
