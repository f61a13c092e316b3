/// Something wrong with one row, on purpose.
enum Fault: String, Sendable, CaseIterable {
    case missingID, missingTimestamp, badTimestamp, badDate, badNumber, outOfRange
    /// The text `None` where the service had no value. The row is good: the text means null.
    case noneText

    /// The reason of the reject that the pipeline's contract makes of the row; nil where it is
    /// none.
    var rejection: String? {
        switch self {
        case .missingID, .missingTimestamp: "missing_value"
        case .badTimestamp, .badDate, .badNumber: "bad_value"
        case .outOfRange: "out_of_range"
        case .noneText: nil
        }
    }
}
