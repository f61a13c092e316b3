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
            guard bytes.count == 24 else { return nil }
            for (place, letter) in marks where bytes[place] != letter { return nil }
            let numbers = Numbers(bytes)
            guard let year = numbers.read(0, 4), let month = numbers.read(5, 2),
                let day = numbers.read(8, 2), let hour = numbers.read(11, 2),
                let minute = numbers.read(14, 2), let second = numbers.read(17, 2),
                let milliseconds = numbers.read(20, 3),
                year >= 1970, hour < 24, minute < 60, second < 60
            else { return nil }
            let days = days(year, month, day)
            // A day that the month does not have comes back as another one.
            guard civil(days) == (year, month, day) else { return nil }
            let seconds = days * 86_400 + hour * 3600 + minute * 60 + second
            return Date(timeIntervalSince1970: Double(seconds) + Double(milliseconds) / 1000)
        }
    }

    private struct Numbers {
        private let bytes: UnsafeBufferPointer<UInt8>

        init(_ bytes: UnsafeBufferPointer<UInt8>) {
            self.bytes = bytes
        }

        /// The number that the digits from `start` write; nil where one is no digit.
        func read(_ start: Int, _ width: Int) -> Int? {
            var number = 0
            for place in start..<start + width {
                guard 48...57 ~= bytes[place] else { return nil }
                number = number * 10 + Int(bytes[place] - 48)
            }
            return number
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
