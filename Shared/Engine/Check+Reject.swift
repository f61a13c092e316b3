public import Pipelines

/// What a row becomes that a check of severity `quarantine` takes out of its batch.
extension Check.Rule {
    /// The column that the rule is about; nil where it is about several.
    public var ownColumn: String? {
        switch self {
        case .notNull(let column), .range(let column, _, _), .acceptedValues(let column, _),
            .regex(let column, _), .length(let column, _, _), .reference(let column, _, _):
            column
        case .unique(let columns): columns.count == 1 ? columns[0] : nil
        default: nil
        }
    }

    public var rejectReason: RejectReason {
        switch self {
        case .notNull: .missingValue
        case .range: .outOfRange
        case .acceptedValues: .notAccepted
        case .unique: .duplicate
        case .reference: .noReference
        default: .constraint
        }
    }

    public var rejectStage: RejectStage {
        if case .reference = self { return .reference }
        return .check
    }
}
