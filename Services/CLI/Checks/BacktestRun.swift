import Checks
import Events
import Foundation
import Pipelines
import Postgres

/// Replays the past of every check that compares batches.
struct BacktestRun {
    let pool: PostgresPool

    /// What one check would have said with one season.
    struct Record {
        let table: String
        let check: String
        /// Nil for a check that knows none.
        let season: Anomaly.Season?
        let isChosen: Bool
        /// Where its values are from.
        let source: String
        let values: Int
        let tally: Backtest.Tally
    }

    /// The latest so many values of a check are gone through.
    private static let limit = 400

    func run(_ tables: [(CheckTarget, [Check])]) async throws -> [Record] {
        var records: [Record] = []
        for (target, checks) in tables {
            for check in checks where check.rule.isAboutBatches {
                let (values, source) = try await past(of: check, target)
                let backtest = Backtest(check, on: target, values: values)
                guard case .anomaly(let anomaly) = check.rule else {
                    records.append(
                        Record(
                            table: target.name, check: check.name, season: nil, isChosen: true,
                            source: source, values: values.count, tally: backtest.tally()))
                    continue
                }
                records += Anomaly.Season.allCases.map { season in
                    Record(
                        table: target.name, check: check.name, season: season,
                        isChosen: season == anomaly.season, source: source, values: values.count,
                        tally: backtest.tally(season: season))
                }
            }
        }
        return records
    }

    private func past(
        of check: Check, _ target: CheckTarget
    ) async throws -> ([PastValue], source: String) {
        let isDataset = target.pipeline.dataset(target.name) != nil
        let kept = try await CheckHistory(pool: pool).past(
            of: check, on: target, scope: isDataset ? check.scope : .table, before: nil,
            limit: Self.limit)
        guard case .anomaly(let anomaly) = check.rule, kept.count <= anomaly.leastHistory else {
            return (kept, "history")
        }
        let values = try await PastOfTable(pool).values(
            of: anomaly, on: target, limit: Self.limit)
        return values.count > kept.count ? (values, "rows in the table") : (kept, "history")
    }

    static func table(_ records: [Record]) -> Table {
        var table = Table(
            "table", "check", "season", "chosen", "values", "judged", "alarms", "blocking",
            "false_alarm_rate", "latest_alarm", "from")
        for record in records {
            let tally = record.tally
            table.add([
                Cell(record.table), Cell(record.check), Cell(record.season?.rawValue),
                Cell(record.isChosen), Cell(record.values), Cell(tally.judged),
                Cell(tally.alarms, tally.alarms > 0 ? .warned : .plain), Cell(tally.blocked),
                Cell(tally.falseAlarmRate.map { ($0 * 10_000).rounded() / 10_000 }),
                Cell(tally.latest.map { EventJSON.text(of: $0) }), Cell(record.source),
            ])
        }
        return table
    }
}
