import Foundation
import Pipelines
import Testing

@testable import Checks

@Suite("A backtest", .timeLimit(.minutes(5)))
struct BacktestTests {
    /// Weeks of five busy days and two quiet ones, with one bad day.
    private static let values = (0..<140).map { day in
        let date = Date(timeIntervalSince1970: 1_767_571_200 + Double(day) * 86_400)
        let usual = day % 7 < 5 ? 1000.0 : 100
        let wobble = Double((day * 37) % 21) - 10
        return PastValue(day == 130 ? 10 : usual + wobble, at: date)
    }

    private func tally(_ rule: Check.Rule, _ limits: Check.Limits, _ season: Anomaly.Season? = nil)
        -> Backtest.Tally
    {
        let check = Check(
            name: "c", rule: rule, severity: limits.block == nil ? .warn : .block, limits: limits)
        let target = CheckTarget(Shop.reviews([check]), of: Shop.pipeline([check]))
        return Backtest(check, on: target, values: Self.values.shuffled()).tally(season: season)
    }

    @Test("tells how often a check would have alarmed, with each season")
    func seasons() throws {
        let rule = Check.Rule.anomaly(
            Anomaly(metric: .rowCount, season: .weekday, leastHistory: 8, mostHistory: 15))
        let limits = Check.Limits(warn: .amount(5))
        let right = tally(rule, limits)
        #expect(right.judged == 140 - 7 * 8)
        #expect(right.alarms == 1)
        #expect(right.latest == Self.values[130].at)
        #expect(try #require(right.falseAlarmRate) < 0.02)
        // Quiet days are strange among busy ones.
        #expect(tally(rule, limits, Anomaly.Season.none).alarms > 30)
    }

    @Test("judges nothing where there is too little to compare with")
    func learning() {
        let rule = Check.Rule.anomaly(
            Anomaly(metric: .rowCount, season: .weekdayHour, leastHistory: 21, mostHistory: 30))
        let found = tally(rule, Check.Limits(warn: .amount(5)))
        #expect(found.judged == 0)
        #expect(found.falseAlarmRate == nil)
    }

    @Test("counts what would have been kept back apart from what would have been told")
    func severities() {
        let found = tally(
            .rowCountChange(over: 5, direction: .drop),
            Check.Limits(warn: .percent(50), block: .percent(95)))
        #expect(found.blocked == 1)
        #expect(found.warned > 10)
    }
}
