import Pipelines
import Postgres
import Warehouse

/// The table of a model, replaced as a whole. Readers never wait and see the old rows or the new.
struct ModelTable: Sendable {
    let table: TableName
    let key: [String]

    /// The rows of the next version, for the time of the transaction.
    private static let next = "pg_temp.model_rows"

    /// Replaces the rows by what `sql` gives. Call it in a transaction.
    ///
    /// The rows are deleted and inserted, not truncated or swapped in with a new table: that is the
    /// one way that blocks no reader, is right for every snapshot, and keeps views and grants.
    /// - Returns: The number of rows.
    func replace(by sql: String, _ connection: PostgresConnection) async throws -> Int {
        let rows = try await connection.run(
            "create temporary table model_rows on commit drop as\n\(sql)")
        let shapes = try await connection.query(Self.shapes, [table.sql, Self.next])
        guard let shape = shapes.first, shape["present"] != nil else {
            try await create(connection)
            return rows
        }
        if shape["present"] == shape["next"], shape["present_key"] == wantedKey {
            try await connection.run("delete from \(table.sql)")
            try await connection.run("insert into \(table.sql) select * from \(Self.next)")
        } else {
            try await connection.execute("drop table \(table.sql)")
            try await create(connection)
        }
        return rows
    }

    private func create(_ connection: PostgresConnection) async throws {
        let schema = quotedIdentifier(table.schema)
        let group = quotedIdentifier(SystemSchema.reader)
        let names = key.map(quotedIdentifier).joined(separator: ", ")
        let constraint =
            key.isEmpty ? "" : "alter table \(table.sql) add primary key (\(names));"
        try await SystemSchema.lock(connection, "tables")
        try await connection.execute(
            """
            create schema if not exists \(schema);
            grant usage on schema \(schema) to \(group);
            create table \(table.sql) as table \(Self.next);
            \(constraint)
            grant select on \(table.sql) to \(group);
            """)
    }

    /// As the query below writes it.
    private var wantedKey: String { key.sorted().joined(separator: ", ") }

    /// Columns and types of the present table and of the next rows, and the present primary key.
    private static let shapes = """
        select
            (\(shape("$1"))) as present,
            (\(shape("$2"))) as next,
            coalesce((
                select string_agg(attname, ', ' order by attname collate "C")
                from pg_attribute join pg_index on indrelid = attrelid and attnum = any (indkey)
                where attrelid = to_regclass($1) and indisprimary), '') as present_key
        """

    private static func shape(_ parameter: String) -> String {
        """
        select string_agg(
            quote_ident(attname) || ' ' || format_type(atttypid, atttypmod), ', ' order by attnum)
        from pg_attribute
        where attrelid = to_regclass(\(parameter)) and attnum > 0 and not attisdropped
        """
    }
}
