import Events
import Pipelines
public import Postgres

/// A dataset's table in the warehouse, made and widened as the pipeline asks for it.
public struct DatasetTable: Sendable {
    let schema: TableSchema
    let dialect: any WarehouseDialect

    public init(_ schema: TableSchema, dialect: any WarehouseDialect) {
        self.schema = schema
        self.dialect = dialect
    }

    /// Makes the table when it is missing, adds the columns that it lacks, and gives a column a
    /// wider type where the contract says so. It changes or drops nothing else: people may have
    /// built on it.
    ///
    /// Call it in a transaction.
    ///
    /// - Parameter cause: Where it says so, a change is a new version of the schema.
    /// - Throws: A permanent error that names a column of another type, another primary key, or
    ///   what stands in the way of a wider type.
    public func prepare(
        _ connection: PostgresConnection, for cause: SchemaCause? = nil
    ) async throws {
        try await prepareTable(connection, for: cause)
        guard let companion = schema.companion else { return }
        let found = try await connection.query(
            "select to_regclass($1) is not null as is_there", [companion.sql])
        if found.first?.boolean("is_there") == true { return }
        try await SystemSchema.lock(connection, "tables")
        try await connection.execute(dialect.createCompanion(companion, of: schema))
    }

    private func prepareTable(
        _ connection: PostgresConnection, for cause: SchemaCause?
    ) async throws {
        var live = try await columns(connection)
        if live.isEmpty {
            // Whoever else makes it at this moment, or its schema, comes first or later.
            try await SystemSchema.lock(connection, "tables")
            live = try await columns(connection)
        }
        if live.isEmpty {
            try await connection.execute(dialect.createTable(schema))
            return try await recordFirst(cause, connection)
        }
        try checkOrigin(live)
        try checkKey(live)
        try await change(live, for: cause, connection)
    }

    struct LiveColumn {
        let type: String
        let isInKey: Bool
    }

    func columns(
        _ connection: PostgresConnection, of table: TableName? = nil
    ) async throws -> [String: LiveColumn] {
        let sql = """
            select a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
                coalesce(a.attnum = any (i.indkey), false) as in_key
            from pg_attribute a
            left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
            where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped
            """
        let rows = try await connection.query(sql, [(table ?? schema.table).sql])
        return try Dictionary(
            uniqueKeysWithValues: rows.map { row in
                let column = LiveColumn(
                    type: try row.text("type"), isInKey: row.boolean("in_key"))
                return (try row.text("name"), column)
            })
    }

    private func checkOrigin(_ live: [String: LiveColumn]) throws {
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
