import Pipelines
import Postgres

/// A check as a question to the engine: how many rows fail.
struct CheckQuery {
    let pipeline: Pipeline
    /// As it stands in SQL.
    let table: String

    /// One SELECT of one number.
    func sql(_ rule: Check.Rule) throws -> String {
        "SELECT count(*) FROM (\n\(try failing(rule))\n) AS failing"
    }

    private func failing(_ rule: Check.Rule) throws -> String {
        switch rule {
        case .notNull(let column):
            return "SELECT 1 FROM \(table) WHERE \(quotedIdentifier(column)) IS NULL"
        case .unique(let columns):
            let names = columns.map(quotedIdentifier)
            let present = names.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
            return """
                SELECT 1 FROM \(table) WHERE \(present)
                GROUP BY \(names.joined(separator: ", ")) HAVING count(*) > 1
                """
        case .range(let column, let minimum, let maximum):
            let name = quotedIdentifier(column)
            let sides = [
                minimum.map { "\(name) < \(limit($0))" }, maximum.map { "\(name) > \(limit($0))" },
            ].compactMap(\.self)
            return "SELECT 1 FROM \(table) WHERE \(sides.joined(separator: " OR "))"
        case .acceptedValues(let column, let values):
            let list = values.map(CaseTables.literal).joined(separator: ", ")
            return """
                SELECT 1 FROM \(table)
                WHERE CAST(\(quotedIdentifier(column)) AS VARCHAR) NOT IN (\(list))
                """
        case .reference(let column, let to, let toColumn):
            let name = quotedIdentifier(column)
            return """
                SELECT 1 FROM \(table) AS row_at_hand WHERE \(name) IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM \(pipeline.qualifiedTable(to)) AS other
                WHERE other.\(quotedIdentifier(toColumn)) = row_at_hand.\(name))
                """
        case .rowCount(let minimum, let maximum):
            let sides = [
                minimum.map { "count(*) < \($0)" }, maximum.map { "count(*) > \($0)" },
            ].compactMap(\.self)
            return "SELECT 1 FROM \(table) HAVING \(sides.joined(separator: " OR "))"
        case .sql(let template):
            var sql = try pipeline.warehouseSQL(template, table: table)[...]
            while let last = sql.last, last.isWhitespace || last == ";" { sql.removeLast() }
            return String(sql)
        }
    }

    private func limit(_ text: String) -> String {
        Double(text)?.isFinite == true ? text : CaseTables.literal(text)
    }
}
