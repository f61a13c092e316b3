import Events
import Foundation

/// Times and amounts as people read them.
enum TimeText {
    /// `12 ms`, `0.91 s`, `4.2 s`, `73 s`.
    static func seconds(_ seconds: Double) -> String {
        switch seconds {
        case ..<0.1: "\(Int((seconds * 1000).rounded())) ms"
        case ..<1: String(format: "%.2f s", seconds)
        case ..<10: String(format: "%.1f s", seconds)
        default: "\(grouped(Int(seconds.rounded()))) s"
        }
    }

    /// `2026-11-21 09:14:02`, UTC.
    static func stamp(_ date: Date) -> String {
        date.formatted(
            .iso8601.year().month().day().dateSeparator(.dash).dateTimeSeparator(.space)
                .time(includingFractionalSeconds: false).timeSeparator(.colon))
    }

    /// `10m`, `6h`, `7d`.
    static func period(_ seconds: Int) -> String {
        let units = [(86_400, "d"), (3_600, "h"), (60, "m")]
        for (size, unit) in units where seconds % size == 0 { return "\(seconds / size)\(unit)" }
        return "\(seconds)s"
    }

    /// `1,651`
    static func grouped(_ number: Int) -> String {
        var digits = Array(String(number.magnitude))
        for place in stride(from: digits.count - 3, to: 0, by: -3) {
            digits.insert(",", at: place)
        }
        return (number < 0 ? "-" : "") + String(digits)
    }

    /// A word with its number: `1 object`, `2 objects`.
    static func count(_ number: Int, _ word: String, _ plural: String? = nil) -> String {
        "\(grouped(number)) \(number == 1 ? word : plural ?? word + "s")"
    }

    /// Reads `90s`, `30m`, `2h`, `7d` (so long ago), or a date, or a time with its zone.
    static func since(_ text: String, now: Date = Date()) -> Date? {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        if let unit = text.last.flatMap({ units[$0] }), let number = Int(text.dropLast()),
            number >= 0
        {
            return now.addingTimeInterval(-Double(number) * unit)
        }
        if let day = Moment(day: text) {
            return Date(timeIntervalSince1970: Double(day.microseconds / Moment.second))
        }
        return EventJSON.date(from: text)
    }
}
