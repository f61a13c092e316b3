import Engine
import Pipelines

/// What a field's values say that its column could be, and why.
struct ColumnGuess {
    let name: String
    let field: FieldSurvey
    private(set) var type = ColumnType.text
    private(set) var formats: [String] = []
    /// Words that mean null; nil for the usual.
    private(set) var nulls: [String]?
    private(set) var reason = ""

    init(_ field: FieldSurvey, name: String) {
        self.field = field
        self.name = name
        guess()
        // In a text such a word may mean what it says.
        if type != .text, !field.nulls.isEmpty { nulls = [""] + field.nulls }
    }

    /// Whether the column's name says that it names things.
    var namesThings: Bool {
        name == "id" || name.hasSuffix("_id") || name.hasPrefix("id_") || name == "uuid"
            || name == "key" || name.hasSuffix("_key")
    }

    /// Whether a record must have a value for a row to be found by it.
    var canBeKey: Bool {
        switch type {
        case .bigint, .date, .timestamp, .timestamptz: true
        case .text: field.longest <= 64
        default: false
        }
    }

    private mutating func guess() {
        let all = field.filled
        if field.isNested { return take(.json, "objects or lists") }
        if all == 0 { return take(.text, "never filled") }
        if field.truth == all, field.truthWords > 0 || (field.yes > 0 && field.no > 0) {
            return take(.boolean, "yes or no, like \(example)")
        }
        if guessTime() || guessNumber() { return }
        take(.text, whyText)
    }

    private mutating func guessNumber() -> Bool {
        let all = field.filled
        guard field.number == all, field.zeros == 0, !isCode else { return false }
        if field.whole == all {
            if field.bigint == all { return took(.bigint, "whole numbers, like \(example)") }
            return field.decimal == all
                && took(.decimal, "whole numbers of up to \(field.digits) digits")
        }
        let isMoney = ["price", "amount", "cost", "total", "fee", "fare", "tax", "tip", "toll"]
            .contains { name.contains($0) }
        if field.decimal == all, isMoney && field.scale <= 4 || field.digits > 17 {
            return took(.decimal, "exact numbers, like \(example)")
        }
        // A double keeps 17 digits.
        return field.digits <= 17 && took(.double, "numbers, like \(example)")
    }

    private mutating func guessTime() -> Bool {
        let all = field.filled
        if field.date == all { return took(.date, "dates, like \(example)") }
        if field.timestamptz == all { return took(.timestamptz, "moments, like \(example)") }
        if field.timestamp == all { return took(.timestamp, "times, like \(example)") }
        guard field.patterns.count == TimePattern.all.count, field.whole < all || saysDate else {
            return false
        }
        let ways = [TimePattern.Order.monthFirst, .dayFirst].compactMap(patterns)
        guard let way = ways.first, Set(ways.map { $0.map(\.pattern) }).count == 1 else {
            return false
        }
        formats = way.map(\.pattern)
        let types = Set(way.map(\.type))
        let type: ColumnType = types.count == 1 ? way[0].type : .timestamp
        return took(type, "like \(example)")
    }

    /// Few patterns that together read every value, with one order of day and month; nil when
    /// there are none.
    private func patterns(_ order: TimePattern.Order) -> [TimePattern]? {
        let counted = zip(TimePattern.all, field.patterns).filter { pattern, count in
            count > 0 && (pattern.order == .clear || pattern.order == order)
        }.sorted { $0.1 > $1.1 }
        if let one = counted.first(where: { $0.1 == field.filled }) { return [one.0] }
        var taken: [(TimePattern, Int)] = []
        for next in counted where taken.map(\.1).reduce(0, +) + next.1 <= field.filled {
            taken.append(next)
            if taken.map(\.1).reduce(0, +) == field.filled {
                let hasZone = taken.map { $0.0.type == .timestamptz }
                return Set(hasZone).count == 1 ? taken.map(\.0) : nil
            }
        }
        return nil
    }

    /// Whole numbers are times only where the name says so: `20200412`.
    private var saysDate: Bool { ["date", "day", "_dt"].contains { name.contains($0) } }

    /// Digits that name something: a zero in front may come with the next file.
    private var isCode: Bool {
        ["zip", "postal", "postcode", "phone", "fips", "isbn", "ean", "sku"].contains { word in
            name.split(separator: "_").contains { $0.hasPrefix(word) }
        }
    }

    private var whyText: String {
        let all = field.filled
        if isCode, field.number == all { return "digits that name something, like \(example)" }
        if field.zeros > 0, field.number == all { return "digits with zeros in front" }
        if field.number == all { return "numbers of more digits than other types keep" }
        if field.number > all / 2, let odd = field.odd {
            return "\(all - field.number) of \(all) are no number, like \(Self.shown(odd))"
        }
        let ways = [TimePattern.Order.monthFirst, .dayFirst].compactMap(patterns)
        if ways.count == 2 { return "day or month first? \(example) does not say; give a format" }
        return "like \(example)"
    }

    private var example: String { Self.shown(field.example ?? "") }

    /// A value as a comment can have it.
    private static func shown(_ value: String) -> String {
        let clean = Table.clean(value)
        return clean.count > 30 ? clean.prefix(29) + "…" : clean
    }

    private mutating func take(_ type: ColumnType, _ reason: String) {
        self.type = type
        self.reason = reason
    }

    private mutating func took(_ type: ColumnType, _ reason: String) -> Bool {
        take(type, reason)
        return true
    }
}
