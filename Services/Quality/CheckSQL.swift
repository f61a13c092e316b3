import Pipelines
import Postgres

/// A rule as SQL over one table. Names are quoted and values are bound.
struct CheckSQL {
    /// One statement with what it binds.
    struct Statement: Equatable {
        var sql: String
        var parameters: [String?] = []
    }

    /// Failing rows shown with a result.
    static let sampleLimit = 5
    /// Characters of a sampled value.
    static let sampleWidth = 200

    let target: CheckTarget

    /// One scan for every rule about single rows: `rows`, then `failing_0`, `failing_1`, … in the
    /// order of `rules`.
    func scan(_ rules: [Check.Rule]) -> Statement {
        var parameters: [String?] = []
        let counts = rules.enumerated().compactMap { index, rule in
            condition(rule, binding: &parameters)
                .map { ",\n    count(*) filter (where \($0)) as failing_\(index)" }
        }
        return Statement(
            sql: "select count(*) as rows\(counts.joined())\nfrom \(target.table)",
            parameters: parameters)
    }

    /// How many rows fail, as `failing`, for a rule that needs a statement of its own.
    func count(_ rule: Check.Rule) throws -> Statement {
        let rows = try failingRows(rule)
        let count = if case .unique = rule { "coalesce(sum(copies - 1), 0)" } else { "count(*)" }
        return Statement(
            sql: "select \(count) as failing from (\n\(rows.sql)\n) as found",
            parameters: rows.parameters)
    }

    /// A few failing rows, as `samples`: a JSON list of objects of texts.
    func samples(_ rule: Check.Rule) throws -> Statement {
        let rows = try failingRows(rule)
        let sql = """
            select coalesce(jsonb_agg(fields), '[]') as samples from (
                select (
                    select jsonb_object_agg(field.key, left(field.value, \(Self.sampleWidth)))
                    from jsonb_each_text(to_jsonb(found)) as field
                ) as fields
                from (
            \(rows.sql)
                ) as found
                limit \(Self.sampleLimit)
            ) as shown
            """
        return Statement(sql: sql, parameters: rows.parameters)
    }

    /// True for a failing row; nil where the rule is not about single rows.
    private func condition(
        _ rule: Check.Rule, binding parameters: inout [String?]
    ) -> String? {
        switch rule {
        case .notNull(let column):
            return "\(quotedIdentifier(column)) is null"
        case .range(let column, let minimum, let maximum):
            let name = quotedIdentifier(column)
            let low = minimum.map { "\(name) < \(Self.bind($0, &parameters))" }
            let high = maximum.map { "\(name) > \(Self.bind($0, &parameters))" }
            let sides = [low, high].compactMap(\.self)
            return sides.isEmpty ? "false" : sides.joined(separator: " or ")
        case .acceptedValues(let column, let values):
            parameters.append(Self.array(values))
            return "\(quotedIdentifier(column))::text <> all ($\(parameters.count)::text[])"
        case .unique, .reference, .rowCount, .sql:
            return nil
        }
    }

    private func failingRows(_ rule: Check.Rule) throws -> Statement {
        switch rule {
        case .notNull(let column), .range(let column, _, _), .acceptedValues(let column, _):
            var parameters: [String?] = []
            let condition = condition(rule, binding: &parameters) ?? "true"
            return Statement(
                sql: "select \(shown(column)) from \(target.table) where \(condition)",
                parameters: parameters)
        case .unique(let columns):
            return Statement(sql: repeatedKeys(columns))
        case .reference(let column, let to, let toColumn):
            return Statement(sql: orphans(column, to: to, toColumn))
        case .rowCount:
            return Statement(sql: "select where false")
        case .sql(let template):
            return Statement(sql: try written(template))
        }
    }

    /// Rows with a null in the key are `not_null`'s to find.
    private func repeatedKeys(_ columns: [String]) -> String {
        let names = columns.map(quotedIdentifier)
        let present = names.map { "\($0) is not null" }.joined(separator: " and ")
        let list = names.joined(separator: ", ")
        return """
            select \(list), count(*) as copies from \(target.table)
            where \(present) group by \(list) having count(*) > 1
            """
    }

    private func orphans(_ column: String, to: String, _ toColumn: String) -> String {
        let name = "row_at_hand.\(quotedIdentifier(column))"
        // A batch that refers to its own dataset may bring the row that it refers to.
        let isOwn = to == target.name
        let tables = Set([target.pipeline.qualifiedTable(to)] + (isOwn ? [target.table] : []))
        let absences = tables.sorted().map { table in
            "not exists (select from \(table) as other"
                + " where other.\(quotedIdentifier(toColumn)) = \(name))"
        }
        return """
            select \(shown(column)) from \(target.table) as row_at_hand
            where \(name) is not null and \(absences.joined(separator: "\n    and "))
            """
    }

    private func written(_ template: String) throws -> String {
        let sql = try target.pipeline.warehouseSQL(template, table: target.table)
        var statement = sql[...]
        while let last = statement.last, last.isWhitespace || last == ";" { statement.removeLast() }
        return String(statement)
    }

    /// The key and the column that is looked at.
    private func shown(_ column: String) -> String {
        let others = target.key.filter { $0 != column }
        return (others + [column]).map(quotedIdentifier).joined(separator: ", ")
    }

    /// A number is compared as one, whatever the column's width; a time as the column's type.
    private static func bind(_ limit: String, _ parameters: inout [String?]) -> String {
        parameters.append(limit)
        let isNumber = Double(limit)?.isFinite == true
        return "$\(parameters.count)\(isNumber ? "::numeric" : "")"
    }

    private static func array(_ values: [String]) -> String {
        let quoted = values.map { value in
            let escaped = value.flatMap { $0 == "\\" || $0 == "\"" ? "\\\($0)" : String($0) }
            return "\"\(String(escaped))\""
        }
        return "{\(quoted.joined(separator: ","))}"
    }
}

extension Check.Rule {
    /// True where one scan of the table answers for it together with others.
    var isAboutSingleRows: Bool {
        switch self {
        case .notNull, .range, .acceptedValues, .rowCount: true
        case .unique, .reference, .sql: false
        }
    }
}
