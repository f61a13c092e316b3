import Synchronization

/// The numbers that a process shows on `/metrics`, in Prometheus' text format 0.0.4.
///
/// Names are `millrace_<noun>_<unit>_total|seconds`; labels come from closed sets. Metrics are
/// counted per batch or event, never per record.
public final class Metrics: Sendable {
    /// What a metric's number means.
    public enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    private struct Family {
        let kind: Kind
        let help: String
        var values: [String: Double] = [:]
        var histograms: [String: Distribution] = [:]
    }

    private struct Distribution {
        var counts: [Int]
        var sum = 0.0
    }

    /// Upper bounds in seconds; from a broker's hop to a long load.
    private static let bounds = [
        0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
    ]

    private let families = Mutex<[String: Family]>([:])

    public init() {}

    /// Adds to a counter.
    public func add(
        _ amount: Double = 1, to name: String, _ labels: [String: String] = [:], help: String
    ) {
        update(name, .counter, help) { $0.values[Self.text(labels), default: 0] += amount }
    }

    /// Sets a gauge.
    public func set(
        _ name: String, to value: Double, _ labels: [String: String] = [:], help: String
    ) {
        update(name, .gauge, help) { $0.values[Self.text(labels)] = value }
    }

    /// Moves a gauge up or down.
    public func move(
        _ name: String, by amount: Double, _ labels: [String: String] = [:], help: String
    ) {
        update(name, .gauge, help) { $0.values[Self.text(labels), default: 0] += amount }
    }

    /// Counts a duration into a histogram of seconds.
    public func observe(
        _ duration: Duration, in name: String, _ labels: [String: String] = [:], help: String
    ) {
        let seconds = duration / .seconds(1)
        update(name, .histogram, help) { family in
            let empty = Distribution(counts: Array(repeating: 0, count: Self.bounds.count + 1))
            var distribution = family.histograms[Self.text(labels)] ?? empty
            let slot = Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count
            distribution.counts[slot] += 1
            distribution.sum += seconds
            family.histograms[Self.text(labels)] = distribution
        }
    }

    /// Everything, sorted by name.
    public func render() -> String {
        families.withLock { families in
            families.sorted { $0.key < $1.key }.map { name, family in
                "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.kind.rawValue)\n"
                    + Self.lines(name, family)
            }.joined()
        }
    }

    private func update(
        _ name: String, _ kind: Kind, _ help: String, _ body: (inout Family) -> Void
    ) {
        families.withLock { body(&$0[name, default: Family(kind: kind, help: help)]) }
    }

    private static func lines(_ name: String, _ family: Family) -> String {
        let plain = family.values.sorted { $0.key < $1.key }.map { labels, value in
            "\(name)\(labels.isEmpty ? "" : "{\(labels)}") \(value)\n"
        }
        let histograms = family.histograms.sorted { $0.key < $1.key }.map { labels, distribution in
            let prefix = labels.isEmpty ? "" : labels + ","
            let suffix = labels.isEmpty ? "" : "{\(labels)}"
            var total = 0
            var text = ""
            for (index, count) in distribution.counts.enumerated() {
                total += count
                let bound = index < bounds.count ? "\(bounds[index])" : "+Inf"
                text += "\(name)_bucket{\(prefix)le=\"\(bound)\"} \(total)\n"
            }
            return text
                + "\(name)_sum\(suffix) \(distribution.sum)\n\(name)_count\(suffix) \(total)\n"
        }
        return (plain + histograms).joined()
    }

    private static func text(_ labels: [String: String]) -> String {
        labels.sorted { $0.key < $1.key }.map { key, value in
            let escaped = value.flatMap { character -> String in
                switch character {
                case "\\": "\\\\"
                case "\"": "\\\""
                case "\n": "\\n"
                default: String(character)
                }
            }
            return "\(key)=\"\(String(escaped))\""
        }.joined(separator: ",")
    }
}
