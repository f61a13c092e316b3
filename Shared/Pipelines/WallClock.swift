import Foundation

/// A day of the Gregorian calendar, by its number since 1970-01-01.
struct CivilDay {
    let number: Int
    let month: Int
    let day: Int

    /// The day of a local time, as seconds since 1970-01-01 00:00 on the wall.
    init(containing seconds: Int) {
        self.init(number: Int((Double(seconds) / 86_400).rounded(.down)))
    }

    init(number: Int) {
        self.number = number
        // Years are counted from March on here, so that the leap day is the last of one.
        let shifted = number + 719_468
        let era = Int((Double(shifted) / 146_097).rounded(.down))
        let dayOfEra = shifted - era * 146_097
        let year =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * year + year / 4 - year / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    }

    /// When it begins on the wall.
    var seconds: Int { number * 86_400 }
    /// 0 is Sunday.
    var weekday: Int { ((number + 4) % 7 + 7) % 7 }
}

/// The clock on the wall in a time zone.
struct WallClock {
    private let zone: TimeZone

    init(_ zone: TimeZone) {
        self.zone = zone
    }

    /// How far it is ahead of UTC, in seconds.
    func offset(at instant: Int) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(instant)))
    }

    /// When the wall shows a time: the first time where it does so twice; where it never does, the
    /// moment in which the clock jumps over it.
    func instant(of local: Int) -> Int {
        // No zone is further from UTC, or changes twice in so short a time.
        let before = offset(at: local - 129_600)
        let after = offset(at: local + 129_600)
        for candidate in [local - max(before, after), local - min(before, after)]
        where candidate + offset(at: candidate) == local {
            return candidate
        }
        var (low, high) = (local - 129_600, local + 129_600)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            if offset(at: middle) == before { low = middle } else { high = middle }
        }
        return high
    }
}
