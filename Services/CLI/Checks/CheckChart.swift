import Foundation
import Pipelines
import Warehouse

/// What a check measured over time, as a small SVG: a line, and a dot for each result.
struct CheckChart {
    private let entries: [CheckEntry]

    /// - Parameter entries: Oldest first; what has no value is left out.
    init(_ entries: [CheckEntry]) {
        let latest = entries.last(where: { $0.value != nil })
        // Another measure or scope is another line.
        self.entries = entries.filter {
            $0.value?.isFinite == true && $0.measure == latest?.measure
                && $0.scope == latest?.scope
        }
    }

    private static let width = 220.0
    private static let height = 48.0
    private static let margin = 5.0

    /// Empty where there is nothing to draw.
    var svg: String {
        let values = entries.compactMap(\.value)
        guard let least = values.min(), let most = values.max(), let first = entries.first,
            let last = entries.last
        else { return "" }
        let points = entries.indices.map { point($0, values[$0], least, most) }
        let line = points.enumerated().map { index, point in
            "\(index == 0 ? "M" : "L")\(Self.text(point.x)) \(Self.text(point.y))"
        }
        let dots = zip(entries, points).map { entry, point in
            let style = entry.passed ? "good" : entry.severity == .warn ? "warned" : "bad"
            let title = CheckReport.escaped(
                "\(TimeText.stamp(entry.checkedAt)): \(Self.text(entry.value ?? 0)), "
                    + entry.outcome)
            return "<circle class=\"\(style)\" cx=\"\(Self.text(point.x))\" "
                + "cy=\"\(Self.text(point.y))\" r=\"\(entry.passed ? "1.6" : "3")\">"
                + "<title>\(title)</title></circle>"
        }
        let label = CheckReport.escaped(
            "\(last.measure ?? "value"): \(Self.text(least)) to \(Self.text(most)), "
                + "\(TimeText.stamp(first.checkedAt)) to \(TimeText.stamp(last.checkedAt))")
        return "<svg viewBox=\"0 0 220 48\" role=\"img\" aria-label=\"\(label)\">"
            + "<title>\(label)</title><path d=\"\(line.joined())\"/>\(dots.joined())</svg>"
    }

    private func point(
        _ index: Int, _ value: Double, _ least: Double, _ most: Double
    ) -> (x: Double, y: Double) {
        let inner = (width: Self.width - 2 * Self.margin, height: Self.height - 2 * Self.margin)
        let right = entries.count == 1 ? 0.5 : Double(index) / Double(entries.count - 1)
        let up = most == least ? 0.5 : (value - least) / (most - least)
        return (
            Self.margin + right * inner.width, Self.height - Self.margin - up * inner.height
        )
    }

    private static func text(_ number: Double) -> String {
        let rounded = (number * 100).rounded() / 100
        return rounded == rounded.rounded() && rounded.magnitude < 1e15
            ? "\(Int(rounded))" : "\(rounded)"
    }
}
