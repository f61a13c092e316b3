public import Foundation
public import Pipelines

/// What is known of how new a table's data is.
public struct Arrival: Sendable, Equatable {
    /// When something was published last; nil for never.
    public var published: Date?
    /// The newest value of the column that the rule names.
    public var newest: Date?

    public init(published: Date? = nil, newest: Date? = nil) {
        self.published = published
        self.newest = newest
    }
}

/// Whether new data has come in time, at a moment.
public struct FreshnessVerdict: Sendable, Equatable {
    /// When it should have come; nil while all is well.
    public let missedAt: Date?
    /// One sentence.
    public let message: String
    /// How old what is judged is, in seconds; nil where an age does not matter.
    public let age: Double?

    /// - Parameter since: From when on it is watched: what was due before is owed to nobody.
    public init(_ rule: Freshness, _ arrival: Arrival, since: Date, now: Date) {
        switch rule {
        case .age(let column, let seconds, _):
            let from = arrival.newest ?? since
            let age = now.timeIntervalSince(from)
            self.age = age
            missedAt = age > Double(seconds) ? from.addingTimeInterval(Double(seconds)) : nil
            let most = Self.text(Double(seconds))
            message =
                arrival.newest == nil
                ? "\(column) has no value yet; wanted is one of the last \(most)"
                : "the newest \(column) is \(Self.text(age)) old; wanted is at most \(most)"
        case .silence(let seconds):
            let from = arrival.published ?? since
            let age = now.timeIntervalSince(from)
            self.age = age
            missedAt = age > Double(seconds) ? from.addingTimeInterval(Double(seconds)) : nil
            let what = arrival.published == nil ? "nothing was ever published" : "the last publish"
            message =
                "\(what)\(arrival.published == nil ? "" : " is \(Self.text(age)) ago"); wanted is "
                + "one every \(Self.text(Double(seconds)))"
        case .deadline(let deadline):
            age = nil
            guard let due = deadline.latest(after: since, upTo: now) else {
                missedAt = nil
                message = "nothing is due yet"
                return
            }
            let start = due.addingTimeInterval(Double(-deadline.windowSeconds))
            let isThere = arrival.published.map { $0 >= start } ?? false
            missedAt = isThere ? nil : due
            message =
                (isThere ? "something" : "nothing")
                + " was published for \(Self.text(due, in: deadline.timeZone))"
        }
    }

    /// `2 h 5 min`
    static func text(_ seconds: Double) -> String {
        let minutes = Int(max(0, seconds) / 60)
        let parts = [(minutes / 1440, "d"), (minutes / 60 % 24, "h"), (minutes % 60, "min")]
        let shown = parts.filter { $0.0 > 0 }.prefix(2).map { "\($0.0) \($0.1)" }
        return shown.isEmpty ? "\(Int(max(0, seconds))) s" : shown.joined(separator: " ")
    }

    /// `07:00 of 2026-11-21 (Europe/Berlin)`
    private static func text(_ moment: Date, in zone: String) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: zone) ?? .gmt
        let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute], from: moment)
        func two(_ number: Int?) -> String {
            let text = "\(number ?? 0)"
            return text.count < 2 ? "0\(text)" : text
        }
        return "\(two(parts.hour)):\(two(parts.minute)) of "
            + "\(parts.year ?? 0)-\(two(parts.month))-\(two(parts.day)) (\(zone))"
    }
}

extension CheckResult {
    /// The clock's verdict as a result.
    public init(_ check: Check, _ verdict: FreshnessVerdict) {
        self.init(
            name: check.name, severity: check.severity,
            outcome: verdict.missedAt == nil ? .passed : .failed,
            failing: verdict.missedAt == nil ? 0 : 1, message: verdict.message,
            measurement: verdict.age.map {
                Measurement(name: "age in seconds", value: $0.rounded(), rows: 0)
            })
    }
}
