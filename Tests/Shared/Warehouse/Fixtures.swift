import Events
import Kit
import Pipelines
import Postgres
import Warehouse

/// A table of reviews, as small as one can be that has a key and a time.
func reviews(
    mode: Load.Mode = .merge, newestBy: String? = "updated", columns extra: [Column] = []
) -> TableSchema {
    let columns = [
        Column(name: "id", field: "id", type: .bigint),
        Column(name: "text", field: "text", type: .text),
        Column(name: "updated", field: "updated", type: .integer),
    ]
    return TableSchema(
        table: TableName("shop", "reviews"), columns: columns + extra,
        load: Load(mode: mode, key: mode == .merge ? ["id"] : [], newestBy: newestBy))
}

/// A database with Millrace's own tables.
func withWarehouse(
    _ body: @Sendable (PostgresPool) async throws -> Void
) async throws {
    try await withDatabase { address in
        let pool = PostgresPool(address, size: 4, applicationName: "warehouse tests")
        try await SystemSchema.migrate(pool)
        try await body(pool)
    }
}

/// Makes the table, or brings it up to date.
func prepare(_ schema: TableSchema, _ pool: PostgresPool) async throws {
    let table = DatasetTable(schema, dialect: PostgresDialect())
    try await pool.transaction { try await table.prepare($0) }
}

/// The values of the first column of a result.
func values(_ pool: PostgresPool, _ sql: String) async throws -> [String?] {
    try await pool.query(sql).map { $0.values.first ?? nil }
}
