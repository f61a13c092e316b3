import Pipelines

/// What one check found, once.
struct CheckResult: Sendable, Equatable {
    /// How it ended.
    enum Outcome: String, Sendable {
        case passed, failed
        /// The check itself could not be evaluated: neither right nor wrong is known.
        case error
        /// It failed, but what it refers to is still on its way: looked at again when that is
        /// published.
        case held
    }

    let name: String
    let severity: Check.Severity
    var outcome: Outcome
    /// Rows that fail; for keys, the surplus ones.
    let failing: Int
    /// One sentence, without values of rows.
    let message: String
    /// A JSON list of up to five failing rows.
    let samples: String
    let milliseconds: Int
}

/// What a result says to a person.
enum CheckSentence {
    static func text(_ rule: Check.Rule, failing: Int, rows: Int) -> String {
        let share = "\(failing) of \(rows) rows"
        switch rule {
        case .notNull(let column):
            return "\(column) is null in \(share)"
        case .unique(let columns):
            return "\(columns.joined(separator: ", ")) repeats in \(share)"
        case .range(let column, let minimum, let maximum):
            return "\(column) is outside \(minimum ?? "…") to \(maximum ?? "…") in \(share)"
        case .acceptedValues(let column, let values):
            let list = values.prefix(10).joined(separator: ", ") + (values.count > 10 ? ", …" : "")
            return "\(column) is none of \(list) in \(share)"
        case .reference(let column, let to, let toColumn):
            return "\(column) is not in \(to).\(toColumn) in \(share)"
        case .rowCount(let minimum, let maximum):
            let least = minimum.map { "at least \($0)" }
            let most = maximum.map { "at most \($0)" }
            let wanted = [least, most].compactMap(\.self).joined(separator: " and ")
            return "there are \(rows) rows; wanted are \(wanted)"
        case .sql:
            return "its SELECT finds \(failing) of \(rows) rows"
        }
    }
}
