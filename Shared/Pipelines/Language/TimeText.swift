/// A date or time as ISO 8601 writes it, checked against the calendar.
struct TimeText {
    /// From 1970-01-01 on, in microseconds, as if without a zone where there is no offset.
    let microseconds: Int
    let hasTime: Bool
    let hasOffset: Bool

    /// Nil when `text` is none.
    init?(_ text: String) {
        let pattern =
            #/
            ([0-9]{4})-([0-9]{2})-([0-9]{2})
            (?:[T\ ]([0-9]{2}):([0-9]{2})(?: :([0-9]{2})(?:\.([0-9]{1,6}))? )?)?
            (.*)
            /#
        guard let match = text.wholeMatch(of: pattern) else { return nil }
        let parts = match.output
        guard let year = Int(parts.1), let month = Int(parts.2), let day = Int(parts.3),
            let days = Self.days(year: year, month: month, day: day)
        else { return nil }
        let hour = parts.4.flatMap { Int($0) } ?? 0
        let minute = parts.5.flatMap { Int($0) } ?? 0
        let second = parts.6.flatMap { Int($0) } ?? 0
        guard hour < 24, minute < 60, second < 60,
            let offset = Self.offsetMinutes(parts.8), offset == nil || parts.4 != nil
        else { return nil }
        let digits = parts.7.map(String.init) ?? ""
        let fraction = Int(digits + String(repeating: "0", count: 6 - digits.count)) ?? 0
        let minutes = (days * 24 + hour) * 60 + minute - (offset ?? 0)
        microseconds = (minutes * 60 + second) * 1_000_000 + fraction
        hasTime = parts.4 != nil
        hasOffset = offset != nil
    }

    /// Days from 1970-01-01 on in the Gregorian calendar; nil for a day that it does not have.
    private static func days(year: Int, month: Int, day: Int) -> Int? {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard (1...12).contains(month), (1...lengths[month - 1]).contains(day), year > 0 else {
            return nil
        }
        let before = year - 1
        let leapDays = before / 4 - before / 100 + before / 400
        let dayOfYear = lengths.prefix(month - 1).reduce(0, +) + day - 1
        return before * 365 + leapDays + dayOfYear - 719_162
    }

    /// `.some(nil)` for no offset, nil for text that is none.
    private static func offsetMinutes(_ text: Substring) -> Int?? {
        if text.isEmpty { return .some(nil) }
        if text == "Z" || text == "z" { return 0 }
        guard let match = text.wholeMatch(of: /([+-])([0-9]{2})(?::?([0-9]{2}))?/),
            let hours = Int(match.output.2)
        else { return nil }
        let minutes = hours * 60 + (match.output.3.flatMap { Int($0) } ?? 0)
        guard minutes <= 18 * 60 else { return nil }
        return match.output.1 == "-" ? -minutes : minutes
    }
}
