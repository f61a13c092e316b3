/// Why a record, or a whole object, could not go on. The set is closed: consoles group by it.
public enum RejectReason: String, Sendable, CaseIterable {
    case malformed
    case tooFewFields = "too_few_fields"
    case tooManyFields = "too_many_fields"
    case badValue = "bad_value"
    case missingValue = "missing_value"
    case outOfRange = "out_of_range"
    case notAccepted = "not_accepted"
    /// A rule that the target table itself has.
    case constraint
    case nulByte = "nul_byte"
    case invalidUTF8 = "invalid_utf8"
    case tooLong = "too_long"
    case missingColumn = "missing_column"
    case unknownColumn = "unknown_column"
    case unreadable
}

/// A record that could not go on, or a whole object when `line` is nil.
struct Rejection: Sendable, Equatable {
    /// Its index in the job's objects.
    var object: Int
    /// Where the record starts, counted from 1.
    var line: Int?
    /// The field's name in the records.
    var field: String?
    var reason: RejectReason
    /// One sentence that says what was found and what was expected.
    var message: String
    /// The record as it stands in the object; cut when it is very long.
    var raw: String

    /// The longest raw text that is kept.
    static let rawLimit = 64 << 10
    /// The longest value that a message quotes, in characters.
    static let valueLimit = 200

    /// A value as a message quotes it.
    static func quoted(_ value: String) -> String {
        let shown = value.prefix(valueLimit)
        return shown.count < value.count ? "`\(shown)…`" : "`\(shown)`"
    }

    /// The raw text of a record; what is not UTF-8 is replaced.
    static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes.prefix(rawLimit), as: UTF8.self)
    }
}
