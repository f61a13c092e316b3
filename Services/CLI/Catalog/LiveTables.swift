import Pipelines
import Postgres

/// The tables of a schema as the warehouse's own catalog has them.
struct LiveTables {
    struct Table {
        /// As the warehouse estimates it.
        var rows = 0
        var bytes = 0
        /// In their order, all of them.
        var columns: [(name: String, type: String)] = []
        /// The columns of the primary key.
        var key: [String] = []

        func type(of column: String) -> String? { columns.first { $0.name == column }?.type }
    }

    private(set) var tables: [String: Table] = [:]

    init(of schema: String, _ connection: PostgresConnection) async throws {
        let rows = try await connection.query(
            """
            select c.relname as name, format_type(a.atttypid, a.atttypmod) as type,
                a.attname as column, coalesce(a.attnum = any (i.indkey), false) as in_key,
                greatest(c.reltuples::bigint, coalesce(s.n_live_tup, 0), 0) as rows,
                pg_total_relation_size(c.oid) as bytes
            from pg_class c
            join pg_namespace n on n.oid = c.relnamespace
            join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
            left join pg_index i on i.indrelid = c.oid and i.indisprimary
            left join pg_stat_all_tables s on s.relid = c.oid
            where n.nspname = $1 and c.relkind in ('r', 'p')
            order by c.relname, a.attnum
            """, [schema])
        for row in rows {
            let name = try row.text("name")
            tables[name, default: Table()].rows = try row.integer("rows")
            tables[name]?.bytes = try row.integer("bytes")
            let column = try row.text("column")
            tables[name]?.columns.append((column, try row.text("type")))
            if row.boolean("in_key") { tables[name]?.key.append(column) }
        }
    }

    subscript(name: String) -> Table? { tables[name] }
}
