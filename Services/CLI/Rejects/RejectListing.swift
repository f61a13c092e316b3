import Warehouse

/// Which rejects a list shows: those that nobody has decided about, by default.
enum RejectListing {
    static let state = Option.choice(
        "state", Reject.State.allCases.map(\.rawValue) + ["any"], "open by default")

    /// Nil for any.
    static func state(_ arguments: Arguments) -> Reject.State? {
        guard let word = arguments.value("state") else { return .open }
        return Reject.State(rawValue: word)
    }
}
