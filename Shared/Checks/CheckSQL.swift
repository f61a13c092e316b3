public import Pipelines
import Postgres
import Warehouse

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

    /// How much fails, as `failing`, for a rule that needs a statement of its own.
    func count(_ rule: Check.Rule) throws -> Statement {
        if case .anomaly(let anomaly) = rule, let column = anomaly.column {
            let name = quotedIdentifier(column)
            return Statement(
                sql: """
                    select count(*) as failing from (
                    select from \(target.table) where \(name) is not null group by \(name)
                    ) as found
                    """)
        }
        if case .unique(let columns) = rule, columns.count == 1, isFixedWidth(columns[0]) {
            // Such values are sorted much faster than they are grouped.
            let name = quotedIdentifier(columns[0])
            return Statement(
                sql: "select count(\(name)) - count(distinct \(name)) as failing"
                    + " from \(target.table)")
        }
        let rows = try failingRows(rule)
        let count = if case .unique = rule { "coalesce(sum(copies - 1), 0)" } else { "count(*)" }
        return Statement(
            sql: "select \(count) as failing from (\n\(rows.sql)\n) as found",
            parameters: rows.parameters)
    }

    /// A few failing rows, as `samples`: a JSON list of objects of texts.
    func samples(_ rule: Check.Rule) throws -> Statement? {
        guard rule.hasSamples else { return nil }
        var rows = try failingRows(rule)
        let filter = isVisible(rule, binding: &rows.parameters)
        let sql = """
            select coalesce(jsonb_agg(fields), '[]') as samples from (
                select (
                    select jsonb_object_agg(field.key, left(field.value, \(Self.sampleWidth)))
                    from jsonb_each_text(to_jsonb(found)) as field\(filter)
                ) as fields
                from (
            \(rows.sql)
                ) as found
                limit \(Self.sampleLimit)
            ) as shown where fields is not null
            """
        return Statement(sql: sql, parameters: rows.parameters)
    }

    /// Keeps columns about persons out of samples.
    private func isVisible(_ rule: Check.Rule, binding parameters: inout [String?]) -> String {
        func list(_ names: Set<String>) -> String {
            parameters.append(RowCondition.array(names.sorted()))
            return "($\(parameters.count)::text[])"
        }
        if case .sql = rule, let shown = target.shown {
            return " where field.key = any \(list(shown))"
        }
        return target.personal.isEmpty ? "" : " where field.key <> all \(list(target.personal))"
    }

    func failingRows(_ rule: Check.Rule) throws -> Statement {
        switch rule {
        case .notNull(let column), .range(let column, _, _), .acceptedValues(let column, _),
            .regex(let column, _), .length(let column, _, _):
            var parameters: [String?] = []
            let condition =
                RowCondition.sql(rule, row: "row_at_hand", binding: &parameters) ?? "true"
            return Statement(
                sql: "select \(shown(column)) from \(target.table) as row_at_hand"
                    + " where \(condition)",
                parameters: parameters)
        case .unique(let columns):
            return Statement(sql: repeatedKeys(columns))
        case .reference(let column, let to, let toColumn):
            return Statement(sql: orphans(column, to: to, toColumn))
        case .functionalDependency(let columns, let determined):
            return Statement(sql: ambiguous(columns, determined))
        case .schema(let columns, let isExact):
            return schema(columns, isExact: isExact)
        case .rowCount, .rowCountChange, .anomaly, .reconcile, .freshness:
            return Statement(sql: "select where false")
        case .sql(let template):
            return Statement(sql: try written(template))
        }
    }

    private func isFixedWidth(_ column: String) -> Bool {
        switch target.pipeline.dataset(target.name)?.column(column)?.type {
        case .smallint, .integer, .bigint, .double, .date, .timestamp, .timestamptz: true
        case .decimal, .text, .boolean, .json, nil: false
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

    private func ambiguous(_ columns: [String], _ determined: String) -> String {
        let names = columns.map(quotedIdentifier)
        let list = names.joined(separator: ", ")
        let value = "\(quotedIdentifier(determined))::text collate \"C\""
        let present = (names + [quotedIdentifier(determined)]).map { "\($0) is not null" }
            .joined(separator: " and ")
        return """
            select \(list), min(\(value)) as one, max(\(value)) as another from \(target.table)
            where \(present) group by \(list) having min(\(value)) <> max(\(value))
            """
    }

    /// Columns that are not as they should be. Those of Millrace itself are not looked at.
    private func schema(_ columns: [Check.TypedColumn], isExact: Bool) -> Statement {
        let dialect = PostgresDialect()
        // Numbers as they were written have room for declared ones.
        let fits = "actual = expected or (actual = 'numeric' and expected like 'numeric%')"
        let sql = """
            select coalesce(wanted.name, present.name) as "column", expected, actual
            from unnest($1::text[], $2::text[]) as wanted (name, expected)
            \(isExact ? "full" : "left") join (
                select attname::text as name, format_type(atttypid, atttypmod) as actual
                from pg_attribute
                where attrelid = $3::regclass and attnum > 0 and not attisdropped
                    and attname !~ '^_'
            ) as present on present.name = wanted.name
            where (\(fits)) is not true
            """
        return Statement(
            sql: sql,
            parameters: [
                RowCondition.array(columns.map(\.name)),
                RowCondition.array(columns.map { dialect.type(of: $0.type) }), target.table,
            ])
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
        try target.pipeline.closedSQL(template, table: target.table)
    }

    /// The key and the column that is looked at.
    private func shown(_ column: String) -> String {
        let others = target.key.filter { $0 != column }
        return (others + [column]).map { "row_at_hand.\(quotedIdentifier($0))" }
            .joined(separator: ", ")
    }
}

extension Pipeline {
    /// A check's SQL as it can stand inside of another statement.
    public func closedSQL(_ template: String, table: String) throws -> String {
        var statement = try warehouseSQL(template, table: table)[...]
        while let last = statement.last, last.isWhitespace || last == ";" { statement.removeLast() }
        return String(statement)
    }
}

extension Check.Rule {
    /// Whether there are rows to show that fail.
    fileprivate var hasSamples: Bool {
        switch self {
        case .rowCount, .rowCountChange, .anomaly, .reconcile, .freshness: false
        default: true
        }
    }
}
