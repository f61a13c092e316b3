import Foundation
import Pipelines
import Postgres
import Warehouse

/// Takes rows out of the warehouse: the dataset's tables, staging, and what Millrace's own tables
/// keep of them. One transaction, so that it is done or not.
struct WarehouseErasure {
    let key: EraseKey
    let pool: PostgresPool

    /// - Parameter isDone: False to count alone.
    func run(isDone: Bool, by who: String) async throws -> [EraseFinding] {
        try await pool.transaction { connection in
            var findings: [EraseFinding] = []
            for dataset in key.datasets {
                findings += try await tables(of: dataset, isDone, connection)
                findings += try await rejects(of: dataset, isDone, who, connection)
            }
            findings += try await texts(isDone, connection)
            return findings
        }
    }

    private func tables(
        of dataset: Dataset, _ isDone: Bool, _ connection: PostgresConnection
    ) async throws -> [EraseFinding] {
        let schema = TableSchema(dataset, of: key.pipeline)
        // A publish that is under way would bring rows in behind the deletion.
        try await SystemSchema.lock(connection, "publish:\(key.pipeline.name).\(dataset.name)")
        var tables = [(schema.table, "rows", isDone)]
        if let companion = schema.companion { tables.append((companion, "keys", isDone)) }
        let staged = try await connection.query(
            """
            select relname as name from millrace.runs
            join pg_class on right(relname, 26) = batch
                and relnamespace = 'millrace_staging'::regnamespace and relkind = 'r'
            where pipeline = $1 and dataset = $2
            """, [key.pipeline.name, dataset.name])
        for row in staged {
            let name = TableName(TableName.stagingSchema, try row.text("name"))
            // Without them its batch would not balance, and be refused.
            tables.append((name, "staged rows of a batch under way", false))
        }
        var findings = try await children(of: schema, dataset, isDone, connection)
        for (table, what, isNow) in tables {
            let count = try await rows(of: table, dataset, isNow, connection)
            guard let count else { continue }
            let isLeft = table.schema == TableName.stagingSchema
            findings.append(
                EraseFinding(
                    place: table.description, what: what, count: count,
                    action: isLeft ? "left: erase again later" : "deleted"))
        }
        return findings
    }

    /// The elements of the rows go before the rows, which tell whose they are.
    private func children(
        of schema: TableSchema, _ dataset: Dataset, _ isDone: Bool,
        _ connection: PostgresConnection
    ) async throws -> [EraseFinding] {
        let columns = key.columns(of: dataset)
        var findings: [EraseFinding] = []
        for child in schema.children {
            let link = child.link(to: schema)
            guard try await has(columns.map(\.column.name) + link, schema.table, connection),
                try await has(link, child.schema.table, connection)
            else { continue }
            let joined = link.map { "child.\(quotedIdentifier($0)) = own.\(quotedIdentifier($0))" }
            let condition = (joined + [condition(columns, of: "own.")]).joined(separator: " and ")
            let (elements, rows) = (child.schema.table.sql, schema.table.sql)
            let found = try await connection.query(
                isDone
                    ? "with gone as (delete from \(elements) as child using \(rows) as own "
                        + "where \(condition) returning 1) select count(*) as count from gone"
                    : "select count(*) as count from \(elements) as child, \(rows) as own "
                        + "where \(condition)",
                columns.map(\.value))
            findings.append(
                EraseFinding(
                    place: child.schema.table.description, what: "rows",
                    count: try found.first?.integer("count") ?? 0, action: "deleted"))
        }
        return findings
    }

    private func has(
        _ columns: [String], _ table: TableName, _ connection: PostgresConnection
    ) async throws -> Bool {
        let found = try await connection.query(
            """
            select count(*) as columns from pg_attribute
            where attrelid = to_regclass($1) and not attisdropped
                and attname in (select jsonb_array_elements_text($2::jsonb))
            """, [table.sql, try list(columns)])
        return try found.first?.integer("columns") == Set(columns).count
    }

    /// - Parameter owner: Stands before each column.
    private func condition(
        _ columns: [(column: Column, value: String)], of owner: String = ""
    ) -> String {
        let dialect = PostgresDialect()
        return columns.enumerated().map { index, pair in
            let type = dialect.type(of: pair.column.type)
            let name = owner + quotedIdentifier(pair.column.name)
            return "\(name) = ($\(index + 1)::text)::\(type)"
        }.joined(separator: " and ")
    }

    /// Nil when the table is not there, or lacks a column.
    private func rows(
        of table: TableName, _ dataset: Dataset, _ isDone: Bool, _ connection: PostgresConnection
    ) async throws -> Int? {
        let columns = key.columns(of: dataset)
        guard try await has(columns.map(\.column.name), table, connection) else { return nil }
        let condition = condition(columns)
        let rows = try await connection.query(
            isDone
                ? "with gone as (delete from \(table.sql) where \(condition) returning 1) "
                    + "select count(*) as count from gone"
                : "select count(*) as count from \(table.sql) where \(condition)",
            columns.map(\.value))
        return try rows.first?.integer("count")
    }

    /// The reject stays, so that the balance holds; nothing of the record does.
    private func rejects(
        of dataset: Dataset, _ isDone: Bool, _ who: String, _ connection: PostgresConnection
    ) async throws -> [EraseFinding] {
        let condition = """
            pipeline = $1 and dataset = $2
                and \(matches("concat_ws(' ', raw, value, message)", from: 3))
            """
        let parameters: [String?] = [key.pipeline.name, dataset.name] + key.values
        let rows = try await connection.query(
            isDone
                ? """
                with gone as (
                    update millrace.rejects set raw = null, value = null, message = 'erased',
                        state = 'discarded', decided_at = now(),
                        decided_by = $\(parameters.count + 1)
                    where \(condition) returning 1
                )
                select count(*) as count from gone
                """
                : "select count(*) as count from millrace.rejects where \(condition)",
            parameters + (isDone ? [who] : []))
        return [
            EraseFinding(
                place: "millrace.rejects", what: "rejects of \(dataset.name)",
                count: try rows.first?.integer("count") ?? 0, action: "emptied and discarded")
        ]
    }

    /// Samples of checks and texts of alerts may show values.
    private func texts(
        _ isDone: Bool, _ connection: PostgresConnection
    ) async throws -> [EraseFinding] {
        let places = [
            ("check_results", "samples", "'[]'", "samples of checks"),
            ("alerts", "detail", "'erased'", "texts of alerts"),
        ]
        var findings: [EraseFinding] = []
        for (table, column, empty, what) in places {
            let condition = "pipeline = $1 and \(matches("\(column)::text", from: 2))"
            let rows = try await connection.query(
                isDone
                    ? "with gone as (update millrace.\(table) set \(column) = \(empty) "
                        + "where \(condition) returning 1) select count(*) as count from gone"
                    : "select count(*) as count from millrace.\(table) where \(condition)",
                [key.pipeline.name] + key.values)
            findings.append(
                EraseFinding(
                    place: "millrace.\(table)", what: what,
                    count: try rows.first?.integer("count") ?? 0, action: "emptied"))
        }
        return findings
    }

    private func list(_ texts: [String]) throws -> String {
        String(decoding: try JSONEncoder().encode(texts), as: UTF8.self)
    }

    /// True where a text holds each value, with no letter or digit beside it.
    private func matches(_ text: String, from first: Int) -> String {
        key.values.indices.map { index in
            let escaped =
                "regexp_replace($\(first + index)::text, '([^[:alnum:]])', '\\\\\\1', 'g')"
            return "\(text) ~ ('(^|[^[:alnum:]])' || \(escaped) || '($|[^[:alnum:]])')"
        }.joined(separator: " and ")
    }
}
