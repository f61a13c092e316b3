import struct Foundation.Date

/// The one form of time in events, `2026-11-21T09:14:02.123Z`, written and read without the
/// general formatters: each event has one, and they cost more than all the rest of it.
enum RFC3339 {
    /// Years 1970 to 9999; nil for others.
    static func text(of date: Date) -> String? {
        let milliseconds = (date.timeIntervalSince1970 * 1000).rounded()
        guard milliseconds >= 0, milliseconds < 253_402_300_800_000 else { return nil }
        let (day, rest) = floorDivision(Int(milliseconds), 86_400_000)
        let (year, month, dayOfMonth) = civil(day)
        return String(unsafeUninitializedCapacity: 24) { text in
            func put(_ number: Int, _ start: Int, _ width: Int) {
                var number = number
                for place in stride(from: start + width - 1, through: start, by: -1) {
                    text[place] = UInt8(ascii: "0") + UInt8(number % 10)
                    number /= 10
                }
            }
            for (place, letter) in marks { text[place] = letter }
            put(year, 0, 4)
            put(month, 5, 2)
            put(dayOfMonth, 8, 2)
            put(rest / 3_600_000, 11, 2)
            put(rest / 60_000 % 60, 14, 2)
            put(rest / 1000 % 60, 17, 2)
            put(rest % 1000, 20, 3)
            return 24
        }
    }

    /// Reads what `text` writes; nil for every other form, right or wrong.
    static func date(from text: String) -> Date? {
        var text = text
        return text.withUTF8 { bytes in
            guard bytes.count == 24, marks.allSatisfy({ bytes[$0.place] == $0.letter }) else {
                return nil
            }
            var isNumber = true
            func number(_ start: Int, _ width: Int) -> Int {
                bytes[start..<start + width].reduce(0) { number, byte in
                    let digit = Int(byte) - 48
                    isNumber = isNumber && 0...9 ~= digit
                    return number * 10 + digit
                }
            }
            let (year, month, day) = (number(0, 4), number(5, 2), number(8, 2))
            let (hour, minute, second) = (number(11, 2), number(14, 2), number(17, 2))
            let milliseconds = number(20, 3)
            guard isNumber, year >= 1970, hour < 24, minute < 60, second < 60 else { return nil }
            let days = days(year, month, day)
            // A day that the month does not have comes back as another one.
            guard civil(days) == (year, month, day) else { return nil }
            let seconds = days * 86_400 + hour * 3600 + minute * 60 + second
            return Date(timeIntervalSince1970: Double(seconds) + Double(milliseconds) / 1000)
        }
    }

    private static let marks: [(place: Int, letter: UInt8)] = [
        (4, UInt8(ascii: "-")), (7, UInt8(ascii: "-")), (10, UInt8(ascii: "T")),
        (13, UInt8(ascii: ":")), (16, UInt8(ascii: ":")), (19, UInt8(ascii: ".")),
        (23, UInt8(ascii: "Z")),
    ]

    // Days since 1970 and the Gregorian calendar, counted in eras of 400 years that begin in
    // March, so that the leap day is the last one of its year.

    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = floorDivision(year, 400)
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
            - 719_468
    }

    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let (era, day) = floorDivision(days + 719_468, 146_097)
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * year + year / 4 - year / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        return (
            year + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1
        )
    }

    private static func floorDivision(_ number: Int, _ by: Int) -> (quotient: Int, rest: Int) {
        let rest = ((number % by) + by) % by
        return ((number - rest) / by, rest)
    }
}
