import Events
import Pipelines
public import Postgres

/// A dataset's table in the warehouse, made and widened as the pipeline asks for it.
public struct DatasetTable: Sendable {
    private let schema: TableSchema
    private let dialect: any WarehouseDialect

    public init(_ schema: TableSchema, dialect: any WarehouseDialect) {
        self.schema = schema
        self.dialect = dialect
    }

    /// Makes the table when it is missing, and adds the columns that it lacks. It never changes or
    /// drops what is there: people may have built on it.
    ///
    /// Call it in a transaction.
    ///
    /// - Throws: A permanent error that names a column of another type, or another primary key.
    public func prepare(_ connection: PostgresConnection) async throws {
        try await prepareTable(connection)
        guard let companion = schema.companion else { return }
        let found = try await connection.query(
            "select to_regclass($1) is not null as is_there", [companion.sql])
        if found.first?.boolean("is_there") == true { return }
        try await SystemSchema.lock(connection, "tables")
        try await connection.execute(dialect.createCompanion(companion, of: schema))
    }

    private func prepareTable(_ connection: PostgresConnection) async throws {
        var live = try await columns(connection)
        if live.isEmpty {
            // Whoever else makes it at this moment, or its schema, comes first or later.
            try await SystemSchema.lock(connection, "tables")
            live = try await columns(connection)
        }
        if live.isEmpty { return try await connection.execute(dialect.createTable(schema)) }
        try checkTypes(live)
        try checkKey(live)
        if !lacking(live).isEmpty { try await widen(connection) }
    }

    /// Batches of one new revision come together: the first adds, the others find it done.
    private func widen(_ connection: PostgresConnection) async throws {
        // Not the lock of those who make tables: a model's transaction waits for that one while it
        // reads this table.
        try await SystemSchema.lock(connection, "table:\(schema.table)")
        for column in lacking(try await columns(connection)) {
            try await connection.execute(dialect.addColumn(column, to: schema.table))
        }
    }

    private func lacking(_ live: [String: LiveColumn]) -> [Column] {
        schema.columns.filter { live[$0.name] == nil }
    }

    private struct LiveColumn {
        let type: String
        let isInKey: Bool
    }

    private func columns(_ connection: PostgresConnection) async throws -> [String: LiveColumn] {
        let sql = """
            select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
                coalesce(a.attnum = any (i.indkey), false) as in_key
            from pg_attribute a
            left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
            where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped
            """
        let rows = try await connection.query(sql, [schema.table.sql])
        return try Dictionary(
            uniqueKeysWithValues: rows.map { row in
                let column = LiveColumn(
                    type: try row.text("type"), isInKey: row.boolean("in_key"))
                return (try row.text("name"), column)
            })
    }

    private func checkTypes(_ live: [String: LiveColumn]) throws {
        for column in schema.columns {
            guard let present = live[column.name] else { continue }
            let wanted = dialect.type(of: column.type)
            guard present.type != wanted else { continue }
            throw HandlingError(
                .permanent, "warehouse.type_conflict",
                "the column \(column.name) of \(schema.table) is \(present.type), the pipeline "
                    + "wants \(wanted); give the column another name, or alter the table")
        }
        guard live[TableSchema.sourceColumn]?.type == "bigint" else {
            throw HandlingError(
                .permanent, "warehouse.foreign_table",
                "\(schema.table) was not made by Millrace: it has no \(TableSchema.sourceColumn); "
                    + "give the dataset or the pipeline's schema another name")
        }
    }

    private func checkKey(_ live: [String: LiveColumn]) throws {
        let present = live.filter(\.value.isInKey).keys.sorted()
        let wanted = schema.primaryKey
        guard schema.load.mode != .append, present != wanted.sorted() else { return }
        throw HandlingError(
            .permanent, "warehouse.key_conflict",
            "the primary key of \(schema.table) is (\(present.joined(separator: ", "))), the "
                + "pipeline's load.\(schema.load.mode == .scd2 ? "mode scd2 wants" : "key is") "
                + "(\(wanted.joined(separator: ", "))); give the dataset another name, or alter "
                + "the table")
    }
}
