public import Foundation
public import Pipelines

/// Goes through the past of a measure as if a check had looked at each value when it came, with
/// what was known then.
public struct Backtest: Sendable {
    /// What the check would have said.
    public struct Tally: Sendable, Equatable {
        /// Values that there were enough earlier ones for.
        public var judged = 0
        public var warned = 0
        public var blocked = 0
        /// When it alarmed last.
        public var latest: Date?

        public init() {}

        public var alarms: Int { warned + blocked }
        /// The share of judged values that it would have alarmed about; nil where it judged none.
        /// All were published, and so passed for right: each alarm counts as a false one.
        public var falseAlarmRate: Double? {
            judged == 0 ? nil : Double(alarms) / Double(judged)
        }
    }

    private let check: Check
    private let target: CheckTarget
    /// Newest first.
    private let values: [PastValue]

    /// - Parameter values: In any order.
    public init(_ check: Check, on target: CheckTarget, values: [PastValue]) {
        self.check = check
        self.target = target
        self.values = values.sorted { $0.at > $1.at }
    }

    /// - Parameter season: That of an anomaly in place of its own.
    public func tally(season: Anomaly.Season? = nil) -> Tally {
        var check = check
        if let season, case .anomaly(var anomaly) = check.rule {
            anomaly.season = season
            check.rule = .anomaly(anomaly)
        }
        var tally = Tally()
        for (index, value) in values.enumerated() {
            let verdict = CheckJudgement(
                check: check, target: target, rows: Int(value.value), value: value.value,
                past: Array(values[(index + 1)...]), now: value.at
            ).verdict
            guard verdict.outcome != .learning else { continue }
            tally.judged += 1
            guard verdict.outcome == .failed else { continue }
            if verdict.severity == .block { tally.blocked += 1 } else { tally.warned += 1 }
            tally.latest = tally.latest ?? value.at
        }
        return tally
    }
}
