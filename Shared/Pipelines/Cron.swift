public import Foundation

/// Five cron fields: minute, hour, day of the month, month, day of the week.
///
/// Where both days are restricted, either is enough, as in every cron. A local time that the clock
/// skips runs at the next valid minute, once for all skipped times; one that comes twice runs the
/// first time only.
public struct Cron: Sendable, Equatable, Codable {
    /// Why a text is none.
    public struct Mistake: Error, Sendable, Equatable {
        public let message: String
        public let fix: String
    }

    /// As its author wrote it.
    public let text: String
    private let minutes: [Int]
    private let hours: [Int]
    private let days: Set<Int>
    private let months: Set<Int>
    private let weekdays: Set<Int>
    private let isAnyDay: Bool
    private let isAnyWeekday: Bool

    /// Reads five fields, or a word like `@daily`.
    ///
    /// - Throws: `Mistake`, also where no day ever fits.
    public init(_ text: String) throws(Mistake) {
        let fields = (Self.words[text] ?? text).split(separator: " ").map(String.init)
        guard fields.count == 5, !text.hasPrefix("@") || Self.words[text] != nil else {
            throw Mistake(
                message: text.hasPrefix("@")
                    ? "there is no `\(text)`" : "`\(text)` has \(fields.count) fields, not five",
                fix: "write minute hour day month weekday, like \"0 6 * * mon-fri\", or one of "
                    + Self.words.keys.sorted().joined(separator: ", "))
        }
        self.text = text
        minutes = try CronField.minute.values(fields[0]).sorted()
        hours = try CronField.hour.values(fields[1]).sorted()
        days = try CronField.day.values(fields[2])
        months = try CronField.month.values(fields[3])
        weekdays = Set(try CronField.weekday.values(fields[4]).map { $0 % 7 })
        isAnyDay = fields[2].hasPrefix("*")
        isAnyWeekday = fields[4].hasPrefix("*")
        if next(after: Date(timeIntervalSince1970: 0), in: .gmt) == nil {
            throw Mistake(
                message: "`\(text)` never comes: no month of it has such a day",
                fix: "change the day or the month")
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        do {
            try self.init(try container.decode(String.self))
        } catch let mistake as Mistake {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: mistake.message)
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }

    /// The first time after a moment; nil when none comes within years.
    public func next(after moment: Date, in zone: TimeZone) -> Date? {
        let clock = WallClock(zone)
        let after = Int(moment.timeIntervalSince1970.rounded(.down))
        let today = CivilDay(containing: after + clock.offset(at: after))
        // The 29th of February may be eight years away.
        for number in (today.number - 1)...(today.number + 9 * 366) {
            let day = CivilDay(number: number)
            guard fits(day) else { continue }
            for hour in hours {
                for minute in minutes {
                    let time = clock.instant(of: day.seconds + hour * 3_600 + minute * 60)
                    if time > after { return Date(timeIntervalSince1970: Double(time)) }
                }
            }
        }
        return nil
    }

    private func fits(_ day: CivilDay) -> Bool {
        guard months.contains(day.month) else { return false }
        let (isDay, isWeekday) = (days.contains(day.day), weekdays.contains(day.weekday))
        return isAnyDay || isAnyWeekday ? isDay && isWeekday : isDay || isWeekday
    }

    private static let words = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *",
        "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *",
        "@annually": "0 0 1 1 *",
    ]
}

/// One field of a cron text: its limits and names.
private struct CronField {
    let name: String
    let range: ClosedRange<Int>
    /// The first stands for the lower limit.
    var words: [String] = []

    static let minute = CronField(name: "minute", range: 0...59)
    static let hour = CronField(name: "hour", range: 0...23)
    static let day = CronField(name: "day of the month", range: 1...31)
    static let month = CronField(
        name: "month", range: 1...12,
        words: [
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ])
    /// 7 is Sunday, too.
    static let weekday = CronField(
        name: "day of the week", range: 0...7,
        words: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"])

    /// Reads a list of `*`, `5`, `1-5`, `*/10` and `10-50/10`.
    func values(_ text: String) throws(Cron.Mistake) -> Set<Int> {
        var all: Set<Int> = []
        for item in text.split(separator: ",", omittingEmptySubsequences: false) {
            all.formUnion(try part(String(item)))
        }
        return all
    }

    private func part(_ text: String) throws(Cron.Mistake) -> [Int] {
        let halves = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard halves.count == 2 else {
            return Array(try span(halves.count == 1 ? text : ""))
        }
        guard let step = Int(halves[1]), step > 0, step <= range.upperBound else {
            throw mistake(text, "a step is a number from 1 to \(range.upperBound)")
        }
        guard halves[0] == "*" || halves[0].contains("-") else {
            throw mistake(
                text, "a step follows `*` or a range: \(halves[0])-\(range.upperBound)/\(step)")
        }
        return Array(
            stride(
                from: try span(halves[0]).lowerBound,
                through: try span(halves[0]).upperBound, by: step))
    }

    private func span(_ text: String) throws(Cron.Mistake) -> ClosedRange<Int> {
        if text == "*" { return range }
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard (1...2).contains(ends.count), let first = number(ends[0]),
            let last = number(ends[ends.count - 1])
        else {
            let names = words.isEmpty ? "" : ", or \(words.joined(separator: ", "))"
            throw mistake(text, "a number from \(range.lowerBound) to \(range.upperBound)\(names)")
        }
        guard first <= last else {
            throw mistake(
                text,
                "a range goes upwards; write both parts: \(ends[0])-\(range.upperBound),"
                    + "\(range.lowerBound)-\(ends[1])")
        }
        return first...last
    }

    private func number(_ text: String) -> Int? {
        if let index = words.firstIndex(of: text.lowercased()) { return range.lowerBound + index }
        guard let number = Int(text), range.contains(number), text.first?.isNumber == true else {
            return nil
        }
        return number
    }

    private func mistake(_ text: String, _ fix: String) -> Cron.Mistake {
        Cron.Mistake(message: "`\(text)` is no \(name)", fix: fix)
    }
}
