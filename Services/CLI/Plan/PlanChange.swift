/// One thing that an apply would change.
struct PlanChange: Encodable, Equatable {
    enum Kind: String, Encodable { case add, change, remove }

    /// What it means for what is there.
    enum Weight: String, Encodable {
        case plain
        /// Something that people may use stops changing, or rows are told apart otherwise.
        case destructive
        /// Batches would fail, until somebody does something.
        case conflict
    }

    /// `dataset`, `column`, `load`, …: what the change is about.
    let area: String
    let kind: Kind
    /// e.g. `shop.books.lang`.
    let subject: String
    /// From what to what.
    let detail: String
    /// What follows from it for tables and rows; may be empty.
    var effect: String
    var weight: Weight = .plain
}
