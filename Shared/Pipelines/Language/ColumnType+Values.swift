import Foundation

/// What values of a type look like, and how two of them compare.
extension ColumnType {
    /// Whether values have an order that limits make sense in.
    var isOrdered: Bool {
        switch self {
        case .text, .boolean, .json: false
        default: true
        }
    }

    /// Whether values are read by strptime patterns.
    var isTime: Bool { [.date, .timestamp, .timestamptz].contains(self) }

    /// Whether `text` is a value of the type.
    func accepts(_ text: String) -> Bool {
        switch self {
        case .text: true
        case .boolean: ["true", "false"].contains(text)
        case .json:
            (try? JSONSerialization.jsonObject(
                with: Data(text.utf8), options: .fragmentsAllowed)) != nil
        default: order(of: text) != nil
        }
    }

    /// A number that orders values of an ordered type; nil when `text` is no value of it.
    func order(of text: String) -> Decimal? {
        switch self {
        case .smallint: Int16(text).map { Decimal($0) }
        case .integer: Int32(text).map { Decimal($0) }
        case .bigint: Int64(text).map { Decimal($0) }
        case .double, .decimal: decimal(text)
        case .date, .timestamp, .timestamptz: moment(text)
        case .text, .boolean, .json: nil
        }
    }

    /// What a value looks like, for messages.
    var example: String {
        switch self {
        case .smallint: "a whole number from -32768 to 32767"
        case .integer: "a whole number from -2147483648 to 2147483647"
        case .bigint: "a whole number of at most 64 bits"
        case .double, .decimal: "a number like 4.25"
        case .boolean: "true or false"
        case .date: "a date like 2020-02-19"
        case .timestamp: "a time without an offset, like 2020-02-19 18:36:17"
        case .timestamptz: "a moment with its offset, like 2020-02-19 18:36:17-08"
        case .json: "JSON"
        case .text: "a text"
        }
    }

    private func decimal(_ text: String) -> Decimal? {
        guard text.wholeMatch(of: /[-+]?[0-9]{1,30}(\.[0-9]{1,30})?([eE][-+]?[0-9]{1,2})?/) != nil
        else { return nil }
        return Decimal(string: text)
    }

    private func moment(_ text: String) -> Decimal? {
        guard let time = TimeText(text), time.hasTime || self != .timestamptz,
            time.hasOffset == (self == .timestamptz), self != .date || !time.hasTime
        else { return nil }
        return Decimal(time.microseconds)
    }
}
