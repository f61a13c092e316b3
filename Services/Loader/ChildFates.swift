import Postgres
import Warehouse

/// What became of the staged elements of objects' records, child by child.
struct ChildFates: Sendable {
    /// Of one object's elements.
    struct Fate: Sendable {
        /// Those of rows that were brought in, or that the table has newer ones of.
        var staged = 0
        var published = 0
    }

    /// By the child's name, then by the object's place in the batch.
    private var fates: [String: [Int: Fate]] = [:]

    func fate(of child: ChildTable, object: Int) -> Fate { fates[child.name]?[object] ?? Fate() }

    /// Adds what a statement says of one child.
    mutating func add(_ rows: [PostgresRow], of child: ChildTable) throws {
        for row in rows {
            let object = try row.integer("object")
            add(
                Fate(staged: try row.integer("staged"), published: try row.integer("published")),
                child.name, object)
        }
    }

    /// Adds those of other rows.
    mutating func add(_ others: ChildFates) {
        for (child, objects) in others.fates {
            for (object, fate) in objects { add(fate, child, object) }
        }
    }

    private mutating func add(_ fate: Fate, _ child: String, _ object: Int) {
        fates[child, default: [:]][object, default: Fate()].staged += fate.staged
        fates[child, default: [:]][object, default: Fate()].published += fate.published
    }
}
