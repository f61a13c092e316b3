import Pipelines

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
        case .regex(let column, let pattern):
            return "\(column) does not fit \(pattern) in \(share)"
        case .length(let column, let minimum, let maximum):
            let least = minimum.map(String.init) ?? "…"
            let most = maximum.map(String.init) ?? "…"
            return "\(column) is not \(least) to \(most) characters long in \(share)"
        case .reference(let column, let to, let toColumn):
            return "\(column) is not in \(to).\(toColumn) in \(share)"
        case .functionalDependency(let columns, let determined):
            return "\(columns.joined(separator: ", ")) goes with several \(determined) "
                + "\(failing) times in \(rows) rows"
        case .schema:
            return "\(failing) columns are not as they should be"
        case .rowCount(let minimum, let maximum):
            let least = minimum.map { "at least \($0)" }
            let most = maximum.map { "at most \($0)" }
            let wanted = [least, most].compactMap(\.self).joined(separator: " and ")
            return "there are \(rows) rows; wanted are \(wanted)"
        case .sql:
            return "its SELECT finds \(failing) of \(rows) rows"
        case .rowCountChange, .anomaly, .reconcile, .freshness:
            return share
        }
    }
}
