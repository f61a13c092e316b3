import Foundation
import Pipelines

/// Makes a result of what was measured.
struct CheckJudgement {
    let check: Check
    let target: CheckTarget
    /// Rows that were looked at.
    let rows: Int
    /// What was measured: failing rows, or the rule's own measure; nil where there is none.
    let value: Double?
    /// The second side of a reconciliation.
    var other: Double?
    /// Earlier values of the measure, newest first.
    var past: [PastValue] = []
    var now = Date()

    /// How a value is judged.
    struct Verdict {
        var outcome: CheckResult.Outcome
        var severity: Check.Severity
        var failing = 0
        var measure: String
        var value: Double?
        var message: String
    }

    var verdict: Verdict {
        switch check.rule {
        case .rowCount(let minimum, let maximum): rowCount(minimum, maximum)
        case .rowCountChange(let over, let direction): change(over, direction)
        case .anomaly(let anomaly): self.anomaly(anomaly)
        case .reconcile(let sides): reconcile(sides)
        default: failingRows
        }
    }

    private var failingRows: Verdict {
        let failing = Int(value ?? 0)
        let breach = check.breach(Double(failing), of: Double(rows))
        return verdict(
            breach, failing: failing, "failing rows", Double(failing),
            CheckSentence.text(check.rule, failing: failing, rows: rows))
    }

    private func rowCount(_ minimum: Int?, _ maximum: Int?) -> Verdict {
        let isOutside = rows < minimum ?? 0 || rows > maximum ?? .max
        return verdict(
            isOutside ? check.severity : nil, failing: isOutside ? 1 : 0, "rows", Double(rows),
            CheckSentence.text(check.rule, failing: 0, rows: rows))
    }

    private func change(_ over: Int, _ direction: Check.Direction) -> Verdict {
        let values = past.filter { $0.at < now }.prefix(over).map(\.value)
        guard values.count >= min(over, 2), let median = Baseline.median(values) else {
            return learning("rows", Double(rows), has: values.count, needs: min(over, 2))
        }
        let change = Double(rows) - median
        let counts =
            switch direction {
            case .both: change.magnitude
            case .drop: max(0, -change)
            case .rise: max(0, change)
            }
        let share =
            median == 0 ? "" : " (\(change < 0 ? "" : "+")\(Self.text(change * 100 / median))%)"
        return verdict(
            check.breach(counts, of: median), "rows", Double(rows),
            "there are \(rows) rows; the median of the \(values.count) batches before is "
                + "\(Self.text(median))\(share)")
    }

    private func anomaly(_ anomaly: Anomaly) -> Verdict {
        guard let value else {
            return Verdict(
                outcome: .learning, severity: check.severity, measure: anomaly.title, value: nil,
                message: "\(anomaly.title) has no value: there are no rows with one")
        }
        let values = anomaly.comparable(past, at: now)
        guard values.count >= anomaly.leastHistory,
            let baseline = Baseline(values, of: anomaly.metric)
        else {
            return learning(anomaly.title, value, has: values.count, needs: anomaly.leastHistory)
        }
        let deviations = baseline.deviations(of: value)
        return verdict(
            check.breach(deviations, of: 0), anomaly.title, value,
            "\(anomaly.title) is \(Self.text(value)), \(Self.text(deviations)) deviations from "
                + "\(Self.text(baseline.median)), the median of \(values.count) before")
    }

    private func reconcile(_ sides: Reconciliation) -> Verdict {
        let own = value ?? 0
        let other = other ?? 0
        let name = sides.sum.map { "sum(\($0))" } ?? "rows"
        let difference = (own - other).magnitude
        // Sums of floating point numbers depend on the order of their parts.
        let isRounding = difference <= max(own.magnitude, other.magnitude) * 1e-12
        return verdict(
            isRounding ? nil : check.breach(difference, of: other), "difference", difference,
            "\(name) is \(Self.text(own)), and \(Self.text(other)) in \(sides.target)")
    }

    private func learning(_ measure: String, _ value: Double, has: Int, needs: Int) -> Verdict {
        Verdict(
            outcome: .learning, severity: check.severity, measure: measure, value: value,
            message: "\(measure) is \(Self.text(value)); \(has) of the \(needs) earlier values are "
                + "there that it takes to judge")
    }

    private func verdict(
        _ breach: Check.Severity?, failing: Int? = nil, _ measure: String, _ value: Double?,
        _ message: String
    ) -> Verdict {
        Verdict(
            outcome: breach == nil ? .passed : .failed, severity: breach ?? check.severity,
            failing: failing ?? (breach == nil ? 0 : 1), measure: measure, value: value,
            message: message)
    }

    /// A number with at most four digits behind the point.
    static func text(_ number: Double) -> String {
        guard number.isFinite else { return "infinitely many" }
        let rounded = (number * 10_000).rounded() / 10_000
        return rounded == rounded.rounded() && rounded.magnitude < 1e15
            ? "\(Int(rounded))" : "\(rounded)"
    }
}
