import Pipelines

/// The tests that find out what is wrong with one value, in the order of `FieldFault.reasons`.
struct DuckDBFaults {
    let cast: DuckDBCast
    /// The expressions of the field's text, of that text where it does not mean null, and of the
    /// typed value.
    let raw: String
    let value: String
    let typed: String
    /// True where the text is no value of the type, and that is a fault.
    let misfit: String
    let isRequired: Bool

    /// Each reason with the condition that is true where it holds.
    var all: [(reason: RejectReason, condition: String)] {
        let tests: [(RejectReason, String?)] = [
            (.nulByte, cast.column.type == .text ? "contains(\(value), chr(0))" : nil),
            (.notAccepted, cast.isNoCode(raw)),
            (.badValue, misfit),
            (.missingValue, isRequired ? "\(value) IS NULL" : nil),
            (.outOfRange, cast.isOutOfRange(typed)),
            (.notAccepted, cast.isNotAccepted(typed)),
        ]
        return tests.compactMap { reason, condition in condition.map { (reason, $0) } }
    }
}
