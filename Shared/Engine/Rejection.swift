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
    /// Another row of the batch has the same values where a check wants each once.
    case duplicate
    /// What it refers to is not there.
    case noReference = "no_reference"
}

/// Where on its way a record was rejected. The set is closed.
public enum RejectStage: String, Sendable, CaseIterable {
    /// It could not be read as a record at all.
    case read
    /// A value is none of its column's type.
    case cast
    /// A value, or the object's header, breaks what the pipeline says of it.
    case contract
    /// A column of the key has no value.
    case key
    /// What it refers to is not there.
    case reference
    /// A check has set it aside.
    case check
    /// The warehouse itself refuses the row.
    case load
}

extension RejectReason {
    /// The stage that finds it before the warehouse does.
    public var stage: RejectStage {
        switch self {
        case .badValue: .cast
        case .missingValue, .outOfRange, .notAccepted, .missingColumn, .unknownColumn: .contract
        case .constraint: .load
        case .duplicate: .check
        case .noReference: .reference
        case .malformed, .tooFewFields, .tooManyFields, .nulByte, .invalidUTF8, .tooLong,
            .unreadable:
            .read
        }
    }
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
    /// The value that is wrong; nil where it is none, or the record as a whole.
    var value: String?
    /// The field is a column of the key.
    var isOfKey = false

    var stage: RejectStage { isOfKey && reason == .missingValue ? .key : reason.stage }

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
