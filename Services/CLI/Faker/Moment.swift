/// A wall time to the microsecond, counted from the first of January 1970, and its two spellings
/// in the originals' files.
struct Moment: Sendable, Equatable {
    var microseconds: Int

    /// Midnight of a day written `2020-02-11`; nil when it is none of the years 1970 to 9999.
    init?(day: String) {
        let parts = day.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count == 4,
            let year = Int(parts[0]), let month = Int(parts[1]), let dayOfMonth = Int(parts[2]),
            (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(dayOfMonth)
        else { return nil }
        let days = Self.days(year, month, dayOfMonth)
        microseconds = days * Self.day
        guard date == (year, month, dayOfMonth) else { return nil }
    }

    init(microseconds: Int) {
        self.microseconds = microseconds
    }

    static let second = 1_000_000
    static let day = 86_400 * second

    /// Appends `2020-02-11 18:08:25.000000`.
    func appendStamp(to bytes: inout [UInt8]) {
        let date = date
        bytes.appendDecimal(date.year, digits: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendDecimal(date.month, digits: 2)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendDecimal(date.day, digits: 2)
        bytes.append(UInt8(ascii: " "))
        appendTime(to: &bytes)
        bytes.append(UInt8(ascii: "."))
        bytes.appendDecimal(microseconds % Self.second, digits: 6)
    }

    /// Appends `Tue Feb 11 18:08:25 -0800 2020`; the moment is the wall time of that offset.
    func appendMail(offset: [UInt8], to bytes: inout [UInt8]) {
        let date = date
        bytes += Self.weekdays[(microseconds / Self.day + 4) % 7]
        bytes.append(UInt8(ascii: " "))
        bytes += Self.months[date.month - 1]
        bytes.append(UInt8(ascii: " "))
        bytes.appendDecimal(date.day, digits: 2)
        bytes.append(UInt8(ascii: " "))
        appendTime(to: &bytes)
        bytes.append(UInt8(ascii: " "))
        bytes += offset
        bytes.append(UInt8(ascii: " "))
        bytes.appendDecimal(date.year, digits: 4)
    }

    private func appendTime(to bytes: inout [UInt8]) {
        let seconds = microseconds % Self.day / Self.second
        bytes.appendDecimal(seconds / 3600, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendDecimal(seconds / 60 % 60, digits: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendDecimal(seconds % 60, digits: 2)
    }

    /// The Gregorian date. The year is taken to begin in March, so that the leap day is its last.
    private var date: (year: Int, month: Int, day: Int) {
        let days = microseconds / Self.day + Self.daysBefore1970
        let era = days / Self.daysOfEra
        let dayOfEra = days % Self.daysOfEra
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (
            era * 400 + yearOfEra + (month <= 2 ? 1 : 0), month,
            dayOfYear - (153 * shifted + 2) / 5 + 1
        )
    }

    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let yearOfEra = year % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return year / 400 * daysOfEra + dayOfEra - daysBefore1970
    }

    private static let daysOfEra = 146_097
    /// From the first of March of the year 0.
    private static let daysBefore1970 = 719_468
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"].map {
        Array($0.utf8)
    }
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ].map { Array($0.utf8) }
}
