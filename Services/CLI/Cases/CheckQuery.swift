import Checks
import Pipelines
import Postgres

/// A check as a question to the engine: how many rows fail.
struct CheckQuery {
    let pipeline: Pipeline
    /// As it stands in SQL.
    let table: String

    /// One SELECT of one number: 0 where so much is borne.
    ///
    /// - Parameter limit: How much is; nil for nothing.
    func sql(_ rule: Check.Rule, bearing limit: Tolerance? = nil) throws -> String {
        let most =
            switch limit {
            case nil: "0"
            case .amount(let amount): "\(amount)"
            case .percent(let percent): "(SELECT count(*) FROM \(table)) * \(percent) / 100"
            }
        return "SELECT CASE WHEN count(*) > \(most) THEN count(*) ELSE 0 END FROM (\n"
            + "\(try failing(rule))\n) AS failing"
    }

    private func failing(_ rule: Check.Rule) throws -> String {
        if let condition = condition(rule) {
            return "SELECT 1 FROM \(table) AS row_at_hand WHERE \(condition)"
        }
        switch rule {
        case .unique(let columns):
            let names = columns.map(quotedIdentifier)
            let present = names.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
            return """
                SELECT 1 FROM \(table) WHERE \(present)
                GROUP BY \(names.joined(separator: ", ")) HAVING count(*) > 1
                """
        case .functionalDependency(let columns, let determined):
            let names = columns.map(quotedIdentifier)
            let present = names.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
            return """
                SELECT 1 FROM \(table) WHERE \(present) GROUP BY \(names.joined(separator: ", "))
                HAVING count(DISTINCT \(quotedIdentifier(determined))) > 1
                """
        case .reconcile(let sides):
            guard let to = sides.to else { return "SELECT 1 WHERE false" }
            let own = sides.sum.map { "sum(\(quotedIdentifier($0)))" } ?? "count(*)"
            let other = sides.toColumn.map { "sum(\(quotedIdentifier($0)))" } ?? "count(*)"
            return """
                SELECT unnest(range(CAST(ceil(abs(coalesce((SELECT \(own) FROM \(table)), 0)
                - coalesce((SELECT \(other) FROM \(pipeline.qualifiedTable(to))), 0))) AS BIGINT)))
                """
        case .rowCount(let minimum, let maximum):
            let sides = [
                minimum.map { "count(*) < \($0)" }, maximum.map { "count(*) > \($0)" },
            ].compactMap(\.self)
            return "SELECT 1 FROM \(table) HAVING \(sides.joined(separator: " OR "))"
        case .sql(let template):
            return try pipeline.closedSQL(template, table: table)
        default:
            // What the warehouse, its history and the clock know, a case does not have.
            return "SELECT 1 WHERE false"
        }
    }

    /// True for `row_at_hand` where it breaks the rule; nil for a rule that is not about one row.
    func condition(_ rule: Check.Rule) -> String? {
        switch rule {
        case .notNull(let column): return "\(quotedIdentifier(column)) IS NULL"
        case .range(let column, let minimum, let maximum):
            let name = quotedIdentifier(column)
            return [
                minimum.map { "\(name) < \(limit($0))" }, maximum.map { "\(name) > \(limit($0))" },
            ].compactMap(\.self).joined(separator: " OR ")
        case .acceptedValues(let column, let values):
            let list = values.map(CaseTables.literal).joined(separator: ", ")
            return "CAST(\(quotedIdentifier(column)) AS VARCHAR) NOT IN (\(list))"
        case .regex(let column, let pattern):
            // The engine's dialect is another one; most expressions mean the same in both.
            return "NOT regexp_matches(CAST(\(quotedIdentifier(column)) AS VARCHAR), "
                + "\(CaseTables.literal(pattern)))"
        case .length(let column, let minimum, let maximum):
            let length = "length(CAST(\(quotedIdentifier(column)) AS VARCHAR))"
            return [
                minimum.map { "\(length) < \($0)" }, maximum.map { "\(length) > \($0)" },
            ].compactMap(\.self).joined(separator: " OR ")
        case .reference(let column, let to, let toColumn):
            let name = quotedIdentifier(column)
            return """
                \(name) IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM \(pipeline.qualifiedTable(to)) AS other
                WHERE other.\(quotedIdentifier(toColumn)) = row_at_hand.\(name))
                """
        default: return nil
        }
    }

    private func limit(_ text: String) -> String {
        Double(text)?.isFinite == true ? text : CaseTables.literal(text)
    }
}
