import Pipelines

/// What can be wrong with one value, as the engine's program reports it: the column's index and
/// the reason in one number.
struct FieldFault {
    /// The order is that in which a value is looked at.
    static let reasons: [RejectReason] = [
        .nulByte, .badValue, .missingValue, .outOfRange, .notAccepted, .malformed,
    ]

    let column: Column
    let reason: RejectReason

    /// The field at fault; nil where it is the record.
    var field: String? { reason == .malformed ? nil : column.field }

    static func code(column: Int, _ reason: RejectReason) -> Int {
        column * 16 + (reasons.firstIndex(of: reason) ?? 0)
    }

    init?(code: Int, in columns: [Column]) {
        guard columns.indices.contains(code / 16), Self.reasons.indices.contains(code % 16)
        else { return nil }
        column = columns[code / 16]
        reason = Self.reasons[code % 16]
    }

    /// One sentence: what was found in which field, and what was expected.
    func message(_ value: String?) -> String {
        let found = "`\(column.field)` is \(value.map(Rejection.quoted) ?? "null")"
        return switch reason {
        case .malformed: CSVHeader.again
        case .nulByte: "`\(column.field)` holds a NUL byte, which no text may hold"
        case .missingValue: "`\(column.field)` is missing; it is required"
        case .outOfRange: "\(found); it must be \(limits)"
        case .notAccepted: "\(found); it must be one of \(accepted(value))"
        default: "\(found); expected \(expected)"
        }
    }

    private var limits: String {
        switch (column.minimum, column.maximum) {
        case (let low?, let high?): "from \(low) to \(high)"
        case (let low?, nil): "at least \(low)"
        case (nil, let high?): "at most \(high)"
        case (nil, nil): "in range"
        }
    }

    /// The codes, or the values, that there are.
    private func accepted(_ value: String?) -> String {
        let codes = column.map?.values ?? [:]
        let isCode = codes[value?.trimmed ?? ""] != nil
        let choices =
            column.map?.others == .reject && !isCode ? codes.keys.sorted() : column.accepted
        let shown = choices.prefix(20).map { "`\($0)`" }.joined(separator: ", ")
        return choices.count > 20 ? shown + ", …" : shown
    }

    private var expected: String {
        if !column.formats.isEmpty {
            let formats = column.formats.map { "`\($0)`" }.joined(separator: " or ")
            return "\(noun) written as \(formats)"
        }
        return switch column.type {
        case .date: "a date written as `2020-02-19`"
        case .timestamp: "a time without offset, written as `2020-02-19 21:38:16.690535`"
        case .timestamptz: "a time with offset, written as `2020-02-19T21:38:16-08:00`"
        default: noun
        }
    }

    private var noun: String {
        switch column.type {
        case .smallint: "a whole number from \(Int16.min) to \(Int16.max)"
        case .integer: "a whole number from \(Int32.min) to \(Int32.max)"
        case .bigint: "a whole number from \(Int64.min) to \(Int64.max)"
        case .double: "a finite number"
        case .boolean: "true or false"
        case .decimal: "a number of at most 29 digits before the point and 9 behind it"
        case .text: "a text"
        case .json: "JSON"
        case .date: "a date"
        case .timestamp, .timestamptz: "a time"
        }
    }
}
