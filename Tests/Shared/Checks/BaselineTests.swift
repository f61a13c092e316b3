import Foundation
import Pipelines
import Testing

@testable import Checks

@Suite("A measure's history", .timeLimit(.minutes(5)))
struct BaselineTests {
    private static let monday = Date(timeIntervalSince1970: 1_767_571_200)  // 2026-01-05 00:00 UTC

    @Test("is summed up by middle values, which outliers hardly move")
    func robust() throws {
        let calm = try #require(Baseline([100, 102, 98, 101, 99], of: .mean))
        #expect(calm.median == 100)
        #expect(abs(calm.scale - 1.4826) < 1e-9)
        let spoiled = try #require(Baseline([100, 102, 98, 101, 99, 1e9], of: .mean))
        #expect(abs(spoiled.median - 100.5) < 1e-9)
        #expect(spoiled.deviations(of: 110) > 3)
        #expect(Baseline([], of: .mean) == nil)
    }

    @Test("bears next to nothing as no news where values hardly ever differ")
    func floors() throws {
        let rows = try #require(Baseline(Array(repeating: 1000, count: 9), of: .rowCount))
        #expect(rows.deviations(of: 1001) < 1)
        #expect(rows.deviations(of: 1100) > 5)
        let rate = try #require(Baseline(Array(repeating: 0, count: 9), of: .nullRate))
        #expect(rate.deviations(of: 0.001) <= 1)
        #expect(rate.deviations(of: 0.02) > 5)
        let zero = try #require(Baseline(Array(repeating: 0, count: 9), of: .sum))
        #expect(zero.deviations(of: 0) == 0)
        #expect(zero.deviations(of: 1) == .infinity)
    }

    @Test("is that of the same weekday and hour, of the latest values, never of the value itself")
    func season() {
        let past = (1...100).map {
            PastValue(Double($0), at: Self.monday.addingTimeInterval(Double(-$0) * 86_400))
        }
        var anomaly = Anomaly(metric: .rowCount, season: .weekday, mostHistory: 3)
        #expect(anomaly.comparable(past, at: Self.monday) == [7, 14, 21])
        anomaly.season = .none
        let itself = PastValue(0, at: Self.monday)
        #expect(anomaly.comparable([itself] + past, at: Self.monday) == [1, 2, 3])
        anomaly.season = .hour
        anomaly.timeZone = "Europe/Berlin"
        let hours = (1...48).map {
            PastValue(Double($0), at: Self.monday.addingTimeInterval(Double(-$0) * 3600))
        }
        #expect(anomaly.comparable(hours, at: Self.monday) == [24, 48])
    }

    private func verdict(
        _ rule: Check.Rule, _ limits: Check.Limits, value: Double, past: [Double], rows: Int = 1
    ) -> CheckJudgement.Verdict {
        let check = Shop.check(rule, limits.block == nil ? .warn : .block, limits: limits)
        let target = CheckTarget(Shop.reviews([check]), of: Shop.pipeline([check]))
        let values = past.enumerated().map {
            PastValue($1, at: Self.monday.addingTimeInterval(Double(-1 - $0) * 86_400))
        }
        return CheckJudgement(
            check: check, target: target, rows: rows, value: value, past: values, now: Self.monday
        ).verdict
    }

    @Test("says nothing until there is enough of it, and then how far a value is from it")
    func anomaly() {
        let rule = Check.Rule.anomaly(Anomaly(metric: .mean, column: "rating"))
        let limits = Check.Limits(warn: .amount(4), block: .amount(8))
        let values = [3.0, 3.1, 2.9, 3.05, 2.95, 3.0, 3.1, 2.9]
        let early = verdict(rule, limits, value: 99, past: Array(values.dropLast()))
        #expect(early.outcome == .learning)
        #expect(early.message.hasPrefix("mean(rating) is 99; 7 of the 8 earlier values"))
        #expect(verdict(rule, limits, value: 3.2, past: values).outcome == .passed)
        let odd = verdict(rule, limits, value: 3.6, past: values)
        #expect(odd.outcome == .failed && odd.severity == .warn, "\(odd.message)")
        let wrong = verdict(rule, limits, value: 9, past: values)
        #expect(wrong.outcome == .failed && wrong.severity == .block)
        #expect(wrong.value == 9)
    }

    @Test("gives the rows of a batch something to be compared with")
    func change() {
        let limits = Check.Limits(warn: .percent(20), block: .percent(50))
        func outcome(
            _ rows: Int, _ direction: Check.Direction = .both, past: [Double] = [90, 100, 110]
        ) -> (CheckResult.Outcome, Check.Severity) {
            let found = verdict(
                .rowCountChange(over: 3, direction: direction), limits, value: 0, past: past,
                rows: rows)
            return (found.outcome, found.severity)
        }
        #expect(outcome(115) == (.passed, .block))
        #expect(outcome(125) == (.failed, .warn))
        #expect(outcome(40) == (.failed, .block))
        #expect(outcome(160, .drop).0 == .passed)
        #expect(outcome(40, .rise).0 == .passed)
        #expect(outcome(0, past: [100]).0 == .learning)
        #expect(outcome(1, past: [0, 0, 0]) == (.failed, .block))
    }

    @Test("does not matter to shares of failing rows: one measurement, two severities")
    func shares() {
        let limits = Check.Limits(warn: .percent(1), block: .amount(5))
        func outcome(_ failing: Double) -> (CheckResult.Outcome, Check.Severity) {
            let found = verdict(
                .notNull(column: "rating"), limits, value: failing, past: [], rows: 200)
            return (found.outcome, found.severity)
        }
        #expect(outcome(2) == (.passed, .block))
        #expect(outcome(3) == (.failed, .warn))
        #expect(outcome(6) == (.failed, .block))
    }
}
