/// A value of a cursor's field: as the source writes it, and how it sorts.
public struct CursorValue: Sendable, Equatable, Comparable {
    public let text: String
    private let major: Int
    private let minor: Int
    private let isText: Bool

    /// Nil when the text is none of that type. A `timestamptz` is ISO 8601 with its offset.
    public init?(_ text: String, _ type: HTTPCursor.Kind) {
        self.text = text
        isText = type == .text
        switch type {
        case .text: (major, minor) = (0, 0)
        case .bigint:
            guard let number = Int(text) else { return nil }
            (major, minor) = (number, 0)
        case .timestamptz:
            guard let instant = InstantText.read(text) else { return nil }
            (major, minor) = (instant.seconds, instant.nanoseconds)
        }
    }

    private init(text: String, major: Int, minor: Int) {
        (self.text, self.major, self.minor, isText) = (text, major, minor, false)
    }

    public static func < (one: Self, other: Self) -> Bool {
        if one.isText { return one.text.utf8.lexicographicallyPrecedes(other.text.utf8) }
        return (one.major, one.minor) < (other.major, other.minor)
    }

    /// Equal instants may be written in several ways.
    public static func == (one: Self, other: Self) -> Bool {
        one.isText
            ? one.text == other.text : (one.major, one.minor) == (other.major, other.minor)
    }

    /// The instant so many milliseconds earlier; itself for none.
    public func earlier(byMilliseconds lag: Int) -> CursorValue {
        guard lag > 0, !isText else { return self }
        var seconds = major - lag / 1_000
        var nanoseconds = minor - lag % 1_000 * 1_000_000
        if nanoseconds < 0 { (seconds, nanoseconds) = (seconds - 1, nanoseconds + 1_000_000_000) }
        return CursorValue(
            text: InstantText.write(seconds, nanoseconds), major: seconds, minor: nanoseconds)
    }
}

/// Instants in ISO 8601, to the nanosecond.
enum InstantText {
    /// `2020-02-19T18:36:17.123456789-08:00`; `T` may be a blank, seconds and fraction may be
    /// missing, an offset may not. Nil for everything else.
    static func read(_ text: String) -> (seconds: Int, nanoseconds: Int)? {
        var rest = Array(text.utf8)[...]
        func take(_ count: Int) -> Int? {
            guard rest.count >= count, rest.prefix(count).allSatisfy({ (48...57).contains($0) })
            else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count).reduce(0) { $0 * 10 + Int($1 - 48) }
        }
        func skip(_ marks: String) -> Bool {
            guard let first = rest.first, marks.utf8.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = take(4), skip("-"), let month = take(2), skip("-"), let day = take(2),
            skip("Tt "), let hour = take(2), skip(":"), let minute = take(2),
            (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60
        else { return nil }
        var second = 0
        var nanoseconds = 0
        if skip(":") {
            guard let seconds = take(2), seconds <= 60 else { return nil }
            second = seconds
            if skip(".,") {
                let digits = rest.prefix { (48...57).contains($0) }
                guard !digits.isEmpty else { return nil }
                rest = rest.dropFirst(digits.count)
                for index in 0..<9 {
                    let digit = index < digits.count ? digits[digits.startIndex + index] - 48 : 0
                    nanoseconds = nanoseconds * 10 + Int(digit)
                }
            }
        }
        var offset = 0
        if !skip("Zz") {
            let isWest = rest.first == UInt8(ascii: "-")
            guard skip("+-"), let hours = take(2), hours < 24 else { return nil }
            _ = skip(":")
            let minutes = rest.isEmpty ? 0 : take(2) ?? 60
            guard minutes < 60 else { return nil }
            offset = (hours * 60 + minutes) * (isWest ? -60 : 60)
        }
        guard rest.isEmpty else { return nil }
        let days = daysSince1970(year, month, day)
        return (days * 86_400 + hour * 3_600 + minute * 60 + second - offset, nanoseconds)
    }

    static func write(_ seconds: Int, _ nanoseconds: Int) -> String {
        let days = Int((Double(seconds) / 86_400).rounded(.down))
        let rest = seconds - days * 86_400
        let (year, month, day) = civil(days)
        func pad(_ number: Int, _ width: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let fraction = nanoseconds == 0 ? "" : "." + pad(nanoseconds, 9)
        return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T\(pad(rest / 3_600, 2)):"
            + "\(pad(rest / 60 % 60, 2)):\(pad(rest % 60, 2))\(fraction)Z"
    }

    /// The proleptic Gregorian calendar, with years that begin in March.
    private static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let ofEra = year - era * 400
        let ofYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719_468
    }

    private static func civil(_ days: Int) -> (Int, Int, Int) {
        let days = days + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let ofEra = days - era * 146_097
        let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * year + year / 4 - year / 100)
        let month = (5 * ofYear + 2) / 153
        let day = ofYear - (153 * month + 2) / 5 + 1
        let civilMonth = month < 10 ? month + 3 : month - 9
        return (year + era * 400 + (civilMonth <= 2 ? 1 : 0), civilMonth, day)
    }
}
