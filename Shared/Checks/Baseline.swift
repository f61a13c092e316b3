public import Foundation
public import Pipelines

/// A value as it was measured once.
public struct PastValue: Sendable, Equatable {
    public var value: Double
    public var at: Date

    public init(_ value: Double, at: Date) {
        self.value = value
        self.at = at
    }
}

/// What a measure usually is, by its earlier values alone: the median, and how far values usually
/// are from it. Outliers among them hardly move either.
public struct Baseline: Sendable, Equatable {
    public let median: Double
    /// One robust deviation.
    public let scale: Double
    /// How many values it was made of.
    public let count: Int

    /// Nil for no values.
    ///
    /// - Parameter metric: What a value is, which says how small a difference never matters.
    public init?(_ values: [Double], of metric: Anomaly.Metric) {
        guard let median = Self.median(values) else { return nil }
        self.median = median
        count = values.count
        let distances = values.map { ($0 - median).magnitude }
        // 1.4826 makes it the standard deviation of values that are spread normally.
        let deviation = 1.4826 * (Self.median(distances) ?? 0)
        scale = Swift.max(deviation, Self.floor(median, metric))
    }

    /// How many deviations a value is from the usual one.
    public func deviations(of value: Double) -> Double {
        let distance = (value - median).magnitude
        return distance == 0 ? 0 : scale == 0 ? .infinity : distance / scale
    }

    /// The middle value; the mean of the two in the middle.
    public static func median(_ values: [Double]) -> Double? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }

    /// Where values hardly ever differ, one that does by next to nothing is no news.
    private static func floor(_ median: Double, _ metric: Anomaly.Metric) -> Double {
        let share = median.magnitude / 200
        return switch metric {
        case .rowCount, .distinctCount: Swift.max(share, 1)
        case .nullRate: Swift.max(share, 0.001)
        case .mean, .sum, .min, .max, .stddev: share
        }
    }
}

extension Anomaly {
    /// The latest earlier values that are like one measured at `moment`: the same day of the week,
    /// the same hour.
    ///
    /// - Parameter past: Newest first; what is not before `moment` is left out.
    public func comparable(_ past: [PastValue], at moment: Date) -> [Double] {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: timeZone) ?? .gmt
        let own = slot(moment, calendar)
        return past.lazy.filter { $0.at < moment && slot($0.at, calendar) == own }
            .prefix(mostHistory).map(\.value)
    }

    /// How many earlier values may have to be looked through.
    public var reach: Int {
        let slots = [Season.none: 1, .weekday: 7, .hour: 24, .weekdayHour: 168]
        return min(mostHistory * (slots[season] ?? 1), 10_000)
    }

    private func slot(_ moment: Date, _ calendar: Calendar) -> Int {
        let parts = calendar.dateComponents([.weekday, .hour], from: moment)
        return switch season {
        case .none: 0
        case .weekday: parts.weekday ?? 0
        case .hour: parts.hour ?? 0
        case .weekdayHour: (parts.weekday ?? 0) * 24 + (parts.hour ?? 0)
        }
    }
}
